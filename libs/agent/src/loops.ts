import type { Clock } from '@nexora/runtime';

/** How a loop goes on. */
export interface LoopOptions {
  readonly clock: Clock;
  /** Pause between the end of one round and the start of the next, ms. */
  readonly everyMs: number;
  /** Ends the loop; a round that runs is waited for. */
  readonly signal: AbortSignal;
  /** Told when a round failed; the loop goes on. */
  readonly onError: (error: unknown) => void;
}

/** Runs `round` again and again until the signal aborts; resolves when the last round has ended. */
export async function loop(options: LoopOptions, round: () => Promise<void>): Promise<void> {
  const { clock, everyMs, signal, onError } = options;
  while (!signal.aborted) {
    try {
      await round();
    } catch (error) {
      onError(error);
    }
    await pause(clock, everyMs, signal);
  }
}

/** Sleeps; an abort of the signal ends it early and is no error. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!(signal as { aborted: boolean }).aborted) throw error;
  }
}

/** Resolves to `fallback` when the promise takes longer than `ms`; the promise goes on unheard. */
export async function within<T, F>(clock: Clock, ms: number, promise: Promise<T>, fallback: F): Promise<T | F> {
  const done = new AbortController();
  const late = pause(clock, ms, done.signal).then(() => fallback);
  try {
    return await Promise.race([promise, late]);
  } finally {
    done.abort();
  }
}
