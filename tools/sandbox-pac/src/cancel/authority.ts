import { createHash } from 'node:crypto';
import { attribute, parse } from '../pac/document.ts';
import type { Memory } from '../pac/memory.ts';
import { Refusal } from '../pac/refusal.ts';
import type { Trust } from '../pac/trust.ts';
import type { Book, LoggedCancellation, Standing } from './book.ts';
import { descendant, readCanonical, type CanonicalElement } from './c14n.ts';
import { signerOf } from './signature.ts';

const namespace = 'http://cancelacfd.sat.gob.mx';
/** First requests that nobody answers are taken for accepted after this time. */
const deadline = 72 * 3_600_000;
const mostRequests = 5;

/** A request to cancel, read. */
export interface ReadRequest {
  readonly rfc: string;
  readonly fecha: string;
  readonly uuid: string;
  readonly motivo: string;
  readonly folioSustitucion: string;
}

/** What the tax authority says: the code for the folio, or that it does not take the document at all. */
export type Said =
  | { readonly kind: 'told'; readonly code: string; readonly request: ReadRequest }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** What the consultation service says of a comprobante. */
export interface SatState {
  readonly estado: 'Vigente' | 'Cancelado';
  readonly esCancelable: 'Cancelable sin aceptación' | 'Cancelable con aceptación';
  readonly estatusCancelacion: string;
}

/** The tax authority as far as cancellations go: judges requests, keeps the book, knows what is cancelled. */
export class Authority {
  readonly book: Book;
  private readonly memory: Memory;
  private readonly trust: Trust;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(memory: Memory, book: Book, trust: Trust) {
    this.memory = memory;
    this.book = book;
    this.trust = trust;
  }

  /** Judges a signed request and writes it down; one after the other. */
  async ask(xml: Buffer, now: Date): Promise<Said> {
    const mine = this.turn.then(() => this.judged(xml, now));
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  /** Notes a request that is answered with this code, or none, without being taken. */
  async turnAway(xml: Buffer, now: Date, code: string | null): Promise<ReadRequest | undefined> {
    const request = readOrNothing(xml);
    await this.book.note(logged(xml, now, request, code));
    return request;
  }

  /** State of a comprobante; `undefined` when there is none of that folio. */
  async stateOf(uuid: string, now: Date): Promise<SatState | undefined> {
    if ((await this.memory.ofUuid(uuid)) === undefined) return undefined;
    return stateBy(this.book.standing(uuid.toLowerCase()), now, this.book.terms.receiver !== 'none');
  }

  private async judged(xml: Buffer, now: Date): Promise<Said> {
    let said: Said;
    try {
      said = await this.judge(xml, now);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      said = { kind: 'refused', refusal: error };
    }
    const code = said.kind === 'told' ? said.code : said.refusal.code;
    await this.book.note(logged(xml, now, readOrNothing(xml), code));
    return said;
  }

  private async judge(xml: Buffer, now: Date): Promise<Said> {
    const root = readCanonical(xml.toString('utf8'));
    const request = readRequest(root);
    const certificate = signerOf(root);
    if (!this.trust.issued(certificate)) throw new Refusal('308', `Certificado ${certificate.number}`);
    if (!certificate.isCsd) throw new Refusal('306', `Certificado ${certificate.number}`);
    if (certificate.rfc !== request.rfc) throw new Refusal('303', 'El certificado es de otro RFC');
    if (now < certificate.notBefore || now > certificate.notAfter) throw new Refusal('305', 'Certificado no vigente');
    return { kind: 'told', code: await this.codeOf(request, now), request };
  }

  private async codeOf({ uuid, rfc, motivo, folioSustitucion }: ReadRequest, now: Date): Promise<string> {
    if (!['01', '02', '03', '04'].includes(motivo)) return '207';
    if ((motivo === '01') !== (folioSustitucion !== '')) return motivo === '01' ? '208' : '209';
    const found = await this.memory.ofUuid(uuid);
    if (found === undefined) return '205';
    if (issuerIn(found.stamp.cfdi) !== rfc) return '203';
    if (motivo === '01' && (await this.memory.ofUuid(folioSustitucion)) === undefined) return '212';
    const standing = this.book.standing(uuid);
    if (standing === undefined) return '201';
    const isOpen = standing.decision !== 'reject' || stateBy(standing, now, true).estado === 'Cancelado';
    if (isOpen) return '202';
    return standing.requests < mostRequests ? '201' : '799';
  }
}

function stateBy(standing: Standing | undefined, now: Date, mayBeAsked: boolean): SatState {
  const isAsked = standing?.isAsked ?? mayBeAsked;
  const esCancelable = isAsked ? 'Cancelable con aceptación' : 'Cancelable sin aceptación';
  const as = (estado: SatState['estado'], estatusCancelacion: string): SatState => ({
    estado,
    esCancelable,
    estatusCancelacion,
  });
  if (standing === undefined) return as('Vigente', '');
  if (!standing.isAsked) return as('Cancelado', 'Cancelado sin aceptación');
  if (standing.decision === 'accept') return as('Cancelado', 'Cancelado con aceptación');
  if (standing.decision === 'reject') return as('Vigente', 'Solicitud rechazada');
  const isOver = standing.requests === 1 && now.getTime() - standing.askedAt.getTime() > deadline;
  return isOver ? as('Cancelado', 'Plazo vencido') : as('Vigente', 'En proceso');
}

function readRequest(root: CanonicalElement): ReadRequest {
  const folio = descendant(root, namespace, 'Folio');
  if (root.uri !== namespace || root.local !== 'Cancelacion' || folio === undefined) {
    throw new Refusal('301', 'No es una solicitud de cancelación con un Folio');
  }
  const value = (element: CanonicalElement, name: string): string =>
    element.attributes.find((one) => one.name === name)?.value ?? '';
  return {
    rfc: value(root, 'RfcEmisor'),
    fecha: value(root, 'Fecha'),
    uuid: value(folio, 'UUID').toLowerCase(),
    motivo: value(folio, 'Motivo'),
    folioSustitucion: value(folio, 'FolioSustitucion').toLowerCase(),
  };
}

function readOrNothing(xml: Buffer): ReadRequest | undefined {
  try {
    return readRequest(readCanonical(xml.toString('utf8')));
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function issuerIn(cfdi: string): string {
  const { root } = parse(Buffer.from(cfdi, 'utf8'));
  const issuer = root.children.find(({ name }) => name === 'Emisor');
  return issuer === undefined ? '' : attribute(issuer, 'Rfc');
}

function logged(xml: Buffer, now: Date, request: ReadRequest | undefined, code: string | null): LoggedCancellation {
  const sha256 = createHash('sha256').update(xml).digest('hex');
  const time = now.toISOString();
  return { time, sha256, uuid: request?.uuid ?? null, motivo: request?.motivo ?? null, code };
}
