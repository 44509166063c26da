import { setTimeout as sleep } from 'node:timers/promises';
import type { PacClock } from './clock.ts';
import type { Misbehaviour } from './misbehaviour.ts';
import type { Remembered } from './pac/memory.ts';
import type { Outcome, Pac, StampRequest } from './pac/pac.ts';
import { Refusal } from './pac/refusal.ts';
import type { Stamp } from './pac/timbre.ts';
import type { StateStore } from './state.ts';

/** What a protocol is to answer. Business answers are `outcome`; the rest is how lines and servers fail. */
export type Answer<T> = { readonly now: Date } & Told<T>;

type Told<T> =
  | { readonly kind: 'outcome'; readonly outcome: T }
  /** The whole answer is announced, half of it sent, the connection dropped. */
  | { readonly kind: 'cut'; readonly outcome: T }
  | { readonly kind: 'drop' }
  | { readonly kind: 'error'; readonly status: 500 | 429 }
  | { readonly kind: 'html' };

/**
 * Takes comprobantes in for every protocol, and misbehaves on demand. What each word does before and after stamping is
 * decided here once, so that protocols only translate.
 */
export class Desk {
  readonly clock: PacClock;
  private readonly pac: Pac;
  private readonly store: StateStore;

  constructor(pac: Pac, store: StateStore, clock: PacClock) {
    this.pac = pac;
    this.store = store;
    this.clock = clock;
  }

  /** A request with credentials that hold. `signal` ends a delay when the caller is gone. */
  async receive(xml: Buffer, customid: string | null, signal: AbortSignal): Promise<Answer<Outcome>> {
    const misbehaviour = await this.store.take();
    const now = this.clock.shown(misbehaviour);
    const request = { xml, customid, now, received: this.clock.house() };
    return { now, ...(await this.answer(request, misbehaviour, signal)) };
  }

  /** A request whose credentials do not hold: logged, not looked at. */
  async turnAway(xml: Buffer, customid: string | null): Promise<void> {
    const now = this.clock.now();
    await this.pac.turnAway({ xml, customid, now, received: this.clock.house() });
  }

  /**
   * A question after a timbre of the past: by sealed bytes, or by UUID. It meets the misbehaviour that is on and uses
   * none of it up, so that a count means stamping requests. `undefined`: nothing is found.
   */
  async recall(asked: Buffer | { readonly uuid: string }, signal: AbortSignal): Promise<Answer<Stamp | undefined>> {
    const { misbehaviour } = this.store;
    const now = this.clock.shown(misbehaviour);
    return { now, ...(await this.recalled(asked, misbehaviour, signal)) };
  }

  private async recalled(
    asked: Buffer | { readonly uuid: string },
    misbehaviour: Misbehaviour | null,
    signal: AbortSignal,
  ): Promise<Told<Stamp | undefined>> {
    const found = Buffer.isBuffer(asked) ? await this.pac.recall(asked) : await this.pac.memory.ofUuid(asked.uuid);
    switch (misbehaviour?.kind) {
      case 'drop-before':
      case 'drop-after':
        return { kind: 'drop' };
      case '500':
      case '429':
        return { kind: 'error', status: misbehaviour.kind === '500' ? 500 : 429 };
      case 'html':
        return { kind: 'html' };
      case 'cut':
        return { kind: 'cut', outcome: found?.stamp };
      case 'delay':
        return this.late(found?.stamp, misbehaviour.milliseconds, signal);
      case 'empty-307':
        return { kind: 'outcome', outcome: undefined };
      case 'lag':
        return { kind: 'outcome', outcome: this.isUnread(found, misbehaviour.milliseconds) ? undefined : found?.stamp };
      default:
        return { kind: 'outcome', outcome: found?.stamp };
    }
  }

  private async answer(
    request: StampRequest,
    misbehaviour: Misbehaviour | null,
    signal: AbortSignal,
  ): Promise<Told<Outcome>> {
    switch (misbehaviour?.kind) {
      case undefined:
      case 'clock':
        return { kind: 'outcome', outcome: await this.pac.stamp(request) };
      case 'delay':
        // The timbre is made and kept at once, only its answer is late: a caller that gives up leaves a timbre behind.
        return this.late(await this.pac.stamp(request), misbehaviour.milliseconds, signal);
      case 'lag':
        return { kind: 'outcome', outcome: this.lagging(await this.pac.stamp(request), misbehaviour.milliseconds) };
      case 'drop-after':
        await this.pac.stamp(request);
        return { kind: 'drop' };
      case 'cut':
        return { kind: 'cut', outcome: await this.pac.stamp(request) };
      case 'empty-307':
        return { kind: 'outcome', outcome: this.emptied(await this.pac.stamp(request)) };
      case 'wrong-sello':
        return { kind: 'outcome', outcome: this.lying(await this.pac.stamp(request)) };
      case 'drop-before':
      case '500':
      case '429':
      case 'html':
      case 'no-stamps':
      case 'code':
        await this.pac.turnAway(request);
        return this.unstamped(misbehaviour);
    }
  }

  private async late<T>(outcome: T, milliseconds: number, signal: AbortSignal): Promise<Told<T>> {
    try {
      await sleep(milliseconds, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
      return { kind: 'drop' };
    }
    return { kind: 'outcome', outcome };
  }

  private unstamped(misbehaviour: Misbehaviour): Told<Outcome> {
    switch (misbehaviour.kind) {
      case '500':
        return { kind: 'error', status: 500 };
      case '429':
        return { kind: 'error', status: 429 };
      case 'html':
        return { kind: 'html' };
      case 'no-stamps':
        return { kind: 'outcome', outcome: { kind: 'refused', refusal: new Refusal('AU2001') } };
      case 'code':
        return { kind: 'outcome', outcome: { kind: 'refused', refusal: new Refusal(misbehaviour.code) } };
      default:
        return { kind: 'drop' };
    }
  }

  /** As a PAC whose own records lag: it knows that it stamped, not yet what. */
  private emptied(outcome: Outcome): Outcome {
    return outcome.kind === 'stamped' || outcome.kind === 'repeated' ? { kind: 'repeated-unread' } : outcome;
  }

  private lagging(outcome: Outcome, milliseconds: number): Outcome {
    return outcome.kind === 'repeated' && this.isUnread(outcome, milliseconds) ? { kind: 'repeated-unread' } : outcome;
  }

  private isUnread(remembered: Remembered | undefined, milliseconds: number): boolean {
    return remembered !== undefined && this.clock.house().getTime() - remembered.since.getTime() < milliseconds;
  }

  private lying(outcome: Outcome): Outcome {
    if (outcome.kind !== 'stamped') return outcome;
    return { ...outcome, stamp: this.pac.withWrongSello(outcome.document, outcome.stamp) };
  }
}
