import { setTimeout as wait } from 'node:timers/promises';

/** Time as the house sees it. Durations come from `monotonic()`, never from two readings of `now()`. */
export interface Clock {
  /** The present moment, on the clock of the house. */
  now(): Date;
  /** Milliseconds since some fixed point; never steps, whatever happens to the clock on the wall. */
  monotonic(): number;
  /** Ends after `ms` milliseconds, or as soon as `signal` aborts: then it resolves early, and the caller looks at the signal. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** setTimeout takes no more than this; a longer sleep is slept in pieces. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The machine's clock plus the offset that tests and the sandbox may give the whole house. */
export class HouseClock implements Clock {
  #offsetMs = 0;

  /** Sets the offset in milliseconds; 0 is the machine's own time. The ledger tells it with every heartbeat. */
  setOffset(ms: number): void {
    this.#offsetMs = ms;
  }

  now(): Date {
    return new Date(Date.now() + this.#offsetMs);
  }

  monotonic(): number {
    return performance.now();
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const end = this.monotonic() + ms;
    for (let left = ms; left > 0 && signal?.aborted !== true; left = end - this.monotonic()) {
      await waitOrAbort(Math.min(left, LONGEST_TIMER_MS), signal);
    }
  }
}

async function waitOrAbort(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}
