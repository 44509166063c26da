import { backoffMs, jittered, type Backoff } from '@nexora/backoff';
import { ANSWERS_TO_ONLINE, FAILURES_TO_OFFLINE, type Line } from './verdict.ts';

/** Pauses between two heartbeats, in milliseconds. */
export interface Pace {
  /** While all is well. */
  readonly steadyMs: number;
  /** While the line is offline: from the first to the longest, growing with the length of the outage. */
  readonly offline: Backoff;
}

/**
 * A verdict that is under way is pursued quickly: a first failure that may be the beginning of an outage, a first
 * answer that may be its end.
 */
export const DOUBT_MS = 2_000;

/**
 * Hints come in swarms when a line breaks; so much time passes at least from the end of a heartbeat to the next. Three
 * failures then take more than two seconds: a line that flaps every two seconds is never declared offline.
 */
export const CLOSEST_MS = 1_500;

/**
 * Five seconds, growing by a tenth per failure: the longest wait is then about five seconds and a tenth of the outage.
 * Half a minute without a line ends within 8 s of its return, an hour within 5 min.
 */
export const OFFLINE_BACKOFF: Backoff = { firstMs: 5_000, factor: 1.1, ceilingMs: 300_000, jitter: 0.2 };

/**
 * Pause before the next heartbeat.
 * @param chance 0 to 1, so that shops that lost the same line do not all ask at once.
 */
export function nextCheckMs(line: Line, pace: Pace, chance: number): number {
  if (line.state !== 'offline') return line.failures > 0 ? Math.min(DOUBT_MS, pace.steadyMs) : pace.steadyMs;
  if (line.answers > 0 && line.answers < ANSWERS_TO_ONLINE) return DOUBT_MS;
  const failuresSince = Math.max(1, line.failures - FAILURES_TO_OFFLINE + 1);
  return jittered(backoffMs(pace.offline, failuresSince), pace.offline.jitter, chance);
}
