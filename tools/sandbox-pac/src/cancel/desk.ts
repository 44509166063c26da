import { setTimeout as sleep } from 'node:timers/promises';
import type { PacClock } from '../clock.ts';
import type { Answer } from '../desk.ts';
import type { Misbehaviour } from '../misbehaviour.ts';
import { Refusal } from '../pac/refusal.ts';
import type { StateStore } from '../state.ts';
import type { Authority, Said } from './authority.ts';

/**
 * Takes requests to cancel in for every protocol and misbehaves with the same words as for stamping; they are used up by
 * whichever request comes first. `code:<CODE>` answers any code of the tax authority or of the PAC.
 */
export class CancelDesk {
  readonly clock: PacClock;
  readonly authority: Authority;
  private readonly store: StateStore;

  constructor(authority: Authority, store: StateStore, clock: PacClock) {
    this.authority = authority;
    this.store = store;
    this.clock = clock;
  }

  /** A request with credentials that hold. `signal` ends a delay when the caller is gone. */
  async receive(xml: Buffer, signal: AbortSignal): Promise<Answer<Said>> {
    const misbehaviour = await this.store.take();
    const now = this.clock.shown(misbehaviour);
    switch (misbehaviour?.kind) {
      case 'drop-before':
        await this.turnAway(xml, null);
        return { now, kind: 'drop' };
      case 'drop-after':
        await this.ask(xml);
        return { now, kind: 'drop' };
      case 'cut':
        return { now, kind: 'cut', outcome: await this.ask(xml) };
      case 'delay':
        return this.late(xml, now, misbehaviour.milliseconds, signal);
      case '500':
      case '429':
        await this.turnAway(xml, null);
        return { now, kind: 'error', status: misbehaviour.kind === '500' ? 500 : 429 };
      case 'html':
        await this.turnAway(xml, null);
        return { now, kind: 'html' };
      case 'no-stamps':
        return { now, kind: 'outcome', outcome: await this.refusedBy(xml, 'AU2001') };
      case 'code':
        return { now, kind: 'outcome', outcome: await this.told(xml, misbehaviour) };
      default:
        return { now, kind: 'outcome', outcome: await this.ask(xml) };
    }
  }

  /** A request that is not looked at. */
  async turnAway(xml: Buffer, code: string | null): Promise<void> {
    await this.authority.turnAway(xml, this.clock.house(), code);
  }

  private ask(xml: Buffer): Promise<Said> {
    return this.authority.ask(xml, this.clock.house());
  }

  private async late(xml: Buffer, now: Date, milliseconds: number, signal: AbortSignal): Promise<Answer<Said>> {
    const outcome = await this.ask(xml);
    try {
      await sleep(milliseconds, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
      return { now, kind: 'drop' };
    }
    return { now, kind: 'outcome', outcome };
  }

  /** Codes 201 to 212, 798 and 799 are told for the folio; all others refuse the document. */
  private async told(xml: Buffer, { code }: Extract<Misbehaviour, { kind: 'code' }>): Promise<Said> {
    if (!/^(2[01]\d|79[89])$/.test(code)) return this.refusedBy(xml, code);
    const request = await this.authority.turnAway(xml, this.clock.house(), code);
    if (request === undefined) return { kind: 'refused', refusal: new Refusal('301', 'No se puede leer') };
    return { kind: 'told', code, request };
  }

  private async refusedBy(xml: Buffer, code: string): Promise<Said> {
    await this.turnAway(xml, code);
    return { kind: 'refused', refusal: new Refusal(code) };
  }
}
