import { backoffMs, type Backoff } from './backoff.ts';
import { jittered } from './jitter.ts';

/** When a failed attempt is tried again, and when no more. */
export interface RetryPolicy extends Backoff {
  /** Attempts in all; null = without end, for outages of an outside service. */
  readonly attempts: number | null;
}

/** Milliseconds until the next try, or null when the attempts are used up. @param attempt The one that failed, from 1. */
export function retryDelayMs(policy: RetryPolicy, attempt: number, chance: number): number | null {
  if (policy.attempts !== null && attempt >= policy.attempts) return null;
  return jittered(backoffMs(policy, attempt), policy.jitter, chance);
}
