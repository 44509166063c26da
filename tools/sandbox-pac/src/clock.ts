import type { Misbehaviour } from './misbehaviour.ts';
import type { StateStore } from './state.ts';

/** The PAC's clock: the machine's, moved with the house's, and wrong when it is told to be. */
export class PacClock {
  private readonly store: StateStore;

  constructor(store: StateStore) {
    this.store = store;
  }

  /** House time: what log and memory go by. */
  house(): Date {
    return new Date(Date.now() + this.store.current.offsetSeconds * 1000);
  }

  /** What the PAC believes the time to be while it behaves like this. */
  shown(misbehaviour: Misbehaviour | null): Date {
    const error = misbehaviour?.kind === 'clock' ? misbehaviour.seconds : 0;
    return new Date(this.house().getTime() + error * 1000);
  }

  /** The time on answers that meet no misbehaviour of their own. */
  now(): Date {
    return this.shown(this.store.misbehaviour);
  }
}
