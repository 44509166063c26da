import { setTimeout as sleep } from 'node:timers/promises';
import type { PacClock } from './clock.ts';
import type { Misbehaviour } from './misbehaviour.ts';
import type { Outcome, Pac, StampRequest } from './pac/pac.ts';
import { Refusal } from './pac/refusal.ts';
import type { StateStore } from './state.ts';

/** What a protocol is to answer. Business answers are `outcome`; the rest is how lines and servers fail. */
export type Answer = { readonly now: Date } & (
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  /** The whole answer is announced, half of it sent, the connection dropped. */
  | { readonly kind: 'cut'; readonly outcome: Outcome }
  | { readonly kind: 'drop' }
  | { readonly kind: 'error'; readonly status: 500 | 429 }
  | { readonly kind: 'html' }
);

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
  async receive(xml: Buffer, customid: string | null, signal: AbortSignal): Promise<Answer> {
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

  private async answer(request: StampRequest, misbehaviour: Misbehaviour | null, signal: AbortSignal): Promise<Told> {
    switch (misbehaviour?.kind) {
      case undefined:
      case 'clock':
        return { kind: 'outcome', outcome: await this.pac.stamp(request) };
      case 'delay':
        return this.late(request, misbehaviour.milliseconds, signal);
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

  /** The timbre is made and kept at once, only its answer is late: a caller that gives up leaves a timbre behind. */
  private async late(request: StampRequest, milliseconds: number, signal: AbortSignal): Promise<Told> {
    const outcome = await this.pac.stamp(request);
    try {
      await sleep(milliseconds, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
      return { kind: 'drop' };
    }
    return { kind: 'outcome', outcome };
  }

  private unstamped(misbehaviour: Misbehaviour): Told {
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
    return outcome.kind === 'stamped' || outcome.kind === 'repeated' ? { kind: 'repeated', stamp: undefined } : outcome;
  }

  private lying(outcome: Outcome): Outcome {
    if (outcome.kind !== 'stamped') return outcome;
    return { ...outcome, stamp: this.pac.withWrongSello(outcome.document, outcome.stamp) };
  }
}

type Told = Answer extends infer A ? (A extends unknown ? Omit<A, 'now'> : never) : never;
