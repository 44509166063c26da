import type { Clock } from '@nexora/runtime';
import { pause } from '../loops.ts';

/** Time limits are kept this exactly. */
const TICK_MS = 50;

/** Something with a time limit. */
interface Timed {
  readonly startedAt: number;
}

/** Watches the time limits of everything that runs, by one sleeper for all: a timer per job would cost quick jobs dear. */
export class Deadlines<T extends Timed> {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #expired: (item: T) => void;
  readonly #limits = new Map<T, number>();
  #watching = false;

  constructor(clock: Clock, signal: AbortSignal, expired: (item: T) => void) {
    this.#clock = clock;
    this.#signal = signal;
    this.#expired = expired;
  }

  add(item: T, limitMs: number): void {
    this.#limits.set(item, item.startedAt + limitMs);
    if (!this.#watching) void this.#watch();
  }

  remove(item: T): void {
    this.#limits.delete(item);
  }

  async #watch(): Promise<void> {
    this.#watching = true;
    while (this.#limits.size > 0 && !this.#signal.aborted) {
      await pause(this.#clock, TICK_MS, this.#signal);
      const now = this.#clock.monotonic();
      for (const [item, at] of this.#limits) {
        if (now < at) continue;
        this.#limits.delete(item);
        this.#expired(item);
      }
    }
    this.#watching = false;
  }
}
