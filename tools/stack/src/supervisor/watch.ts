import { setTimeout as delay } from 'node:timers/promises';

/** How often a process is asked whether it lives, and what counts as death. */
export interface WatchTimes {
  readonly everyMs: number;
  /** Time limit of one answer. */
  readonly withinMs: number;
  /** Unanswered questions in a row. */
  readonly failures: number;
}

/** A busy machine may let an event loop wait for some seconds; nothing healthy is silent for the better part of a minute. */
export const WATCH: WatchTimes = { everyMs: 10_000, withinMs: 5_000, failures: 3 };

/**
 * Asks again and again; resolves to a sentence when the process falls silent, to null when the signal aborts. Silence
 * counts once it is ready or has answered: a start takes as long as it takes.
 */
export async function untilSilent(
  alive: ((signal: AbortSignal) => Promise<boolean>) | undefined,
  isReady: () => boolean,
  signal: AbortSignal,
  { everyMs, withinMs, failures }: WatchTimes,
): Promise<string | null> {
  if (alive === undefined) return null;
  let hasAnswered = false;
  for (let missed = 0; missed < failures;) {
    await delay(everyMs, undefined, { signal }).catch(() => undefined); // an abort ends the wait, and is looked at next
    if (signal.aborted) return null;
    const answered = await alive(AbortSignal.any([signal, AbortSignal.timeout(withinMs)])).catch(() => false);
    if (signal.aborted) return null;
    hasAnswered ||= answered;
    missed = answered || !(hasAnswered || isReady()) ? 0 : missed + 1;
  }
  return `did not answer ${failures} times in a row and was ended`;
}
