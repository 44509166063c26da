import { createHash } from 'node:crypto';
import { checkDate } from './dates.ts';
import { attribute, childrenOf, namespaces, parse, type XmlDocument } from './document.ts';
import type { Memory, Remembered } from './memory.ts';
import { Refusal } from './refusal.ts';
import { checkRules } from './rules.ts';
import { certificateOf, checkCertificate, checkSeal, checkValidity } from './seal.ts';
import { checkStructure } from './structure.ts';
import { checkSums } from './sums.ts';
import { newIdentity, stampDocument, type Stamp, type StampingKey } from './timbre.ts';
import type { Trust } from './trust.ts';

/** A comprobante that came for its timbre. */
export interface StampRequest {
  readonly xml: Buffer;
  readonly customid: string | null;
  /** House time, for log and memory. */
  readonly received: Date;
  /** The time that the PAC goes by. */
  readonly now: Date;
}

/** What the PAC has to say about it. */
export type Outcome =
  | { readonly kind: 'stamped'; readonly stamp: Stamp; readonly document: XmlDocument }
  /** 307: these sealed bytes were stamped before, with this timbre. */
  | ({ readonly kind: 'repeated' } & Remembered)
  /** The same, but the records lag: it is known that they were stamped, not yet with which timbre. */
  | { readonly kind: 'repeated-unread' }
  /** The document came with a timbre in it that is none of ours. */
  | { readonly kind: 'carries-timbre' }
  /** CFDI3307: another document was stamped under this customid. */
  | { readonly kind: 'customid-taken'; readonly stamp: Stamp }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

function hasTimbre(document: XmlDocument): boolean {
  const complements = childrenOf(document.root, 'Complemento').flatMap((complement) => complement.children);
  return complements.some((child) => child.namespace === namespaces.tfd);
}

/** Judges and stamps; knows nothing of any protocol, and never misbehaves. */
export class Pac {
  readonly memory: Memory;
  private readonly trust: Trust;
  private readonly stamping: StampingKey;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(memory: Memory, trust: Trust, stamping: StampingKey) {
    this.memory = memory;
    this.trust = trust;
    this.stamping = stamping;
  }

  /** One document after the other, so that two requests with the same bytes cannot both find none stamped. */
  async stamp(request: StampRequest): Promise<Outcome> {
    const logged = this.logged(request);
    const outcome = await this.inTurn(() => this.judge(request));
    if (outcome.kind === 'stamped') await outcome.kept;
    else await this.memory.note(logged);
    return outcome;
  }

  /** Notes a request that is turned away unread. */
  async turnAway(request: StampRequest): Promise<void> {
    await this.memory.note(this.logged(request));
  }

  /** The timbre that these sealed bytes were given; undefined when none was, or when they are no comprobante. */
  async recall(xml: Buffer): Promise<Remembered | undefined> {
    try {
      return await this.memory.ofSello(attribute(parse(xml).root, 'Sello'));
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  }

  /** The same timbre with a lie in it: identity kept, SelloCFD another's, SelloSAT true to the lie. */
  withWrongSello(document: XmlDocument, stamp: Stamp): Stamp {
    const sello = attribute(document.root, 'Sello');
    const another = createHash('sha512').update(sello).digest('base64').repeat(4).slice(0, Math.max(sello.length, 4));
    return stampDocument(document, stamp, this.stamping, another);
  }

  private logged({ xml, customid, received }: StampRequest): { time: string; customid: string | null; sha256: string } {
    return { time: received.toISOString(), customid, sha256: createHash('sha256').update(xml).digest('hex') };
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  private async judge(request: StampRequest): Promise<Outcome & { kept?: Promise<void> }> {
    try {
      return await this.judgeDocument(parse(request.xml), request);
    } catch (error) {
      if (error instanceof Refusal) return { kind: 'refused', refusal: error };
      throw error;
    }
  }

  private async judgeDocument(
    document: XmlDocument,
    request: StampRequest,
  ): Promise<Outcome & { kept?: Promise<void> }> {
    const { root } = document;
    checkStructure(root);
    const certificate = certificateOf(root);
    checkSeal(root, certificate);
    const before = await this.memory.ofSello(attribute(root, 'Sello'));
    if (before !== undefined) return { kind: 'repeated', ...before };
    if (hasTimbre(document)) return { kind: 'carries-timbre' };
    const other = await this.memory.ofCustomid(request.customid, request.received);
    if (other !== undefined) return { kind: 'customid-taken', stamp: other.stamp };
    checkCertificate(root, certificate, this.trust);
    checkDate(attribute(root, 'Fecha'), attribute(root, 'LugarExpedicion'), request.now);
    checkValidity(root, certificate);
    checkRules(root, request.now);
    checkSums(root);
    const stamp = stampDocument(document, newIdentity(request.now), this.stamping);
    return { kind: 'stamped', stamp, document, kept: this.memory.keep(this.logged(request), stamp) };
  }
}
