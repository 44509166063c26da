/** When one outside host is left alone, and for how long. Times in milliseconds of a monotonic clock. */
export interface BreakerPolicy {
  /** Failures in a row that open the circuit. */
  readonly failures: number;
  /** First rest; each failed trial call multiplies it by `factor`, up to `ceilingMs`. */
  readonly restMs: number;
  readonly factor: number;
  readonly ceilingMs: number;
  /**
   * First and longest rest after failures of which no byte left. They are the line's matter: it may be back any moment,
   * and what is put off longer than the sync agent takes to find that out comes after the classes behind it.
   */
  readonly unreachable: { readonly restMs: number; readonly ceilingMs: number };
  /** A trial call that never reports back counts as failed after this long. */
  readonly trialMs: number;
}

export const DEFAULT_BREAKER: BreakerPolicy = {
  failures: 5,
  restMs: 10_000,
  factor: 2,
  ceilingMs: 300_000,
  unreachable: { restMs: 2_000, ceilingMs: 30_000 },
  trialMs: 120_000,
};

/**
 * closed: calls pass. open: none does until `until`; `told`: the host itself asked for that. trying: one call is out to see whether the host is back.
 */
export type Breaker =
  | { readonly state: 'closed'; readonly failures: number }
  | { readonly state: 'open'; readonly until: number; readonly restMs: number; readonly told?: true }
  | { readonly state: 'trying'; readonly until: number; readonly restMs: number };

export const CLOSED: Breaker = { state: 'closed', failures: 0 };

/** Whether a call may leave now, and the state that follows from having asked. */
export interface Admission {
  readonly admitted: boolean;
  /** How long to wait before asking again; 0 when admitted. */
  readonly retryInMs: number;
  readonly next: Breaker;
}

/** Asks for one call. After the rest exactly one call is let through as a trial. */
export function admit(breaker: Breaker, now: number, policy: BreakerPolicy): Admission {
  if (breaker.state === 'closed') return { admitted: true, retryInMs: 0, next: breaker };
  if (now < breaker.until) return { admitted: false, retryInMs: breaker.until - now, next: breaker };
  const restMs = breaker.state === 'trying' ? longer(breaker.restMs, policy, policy.ceilingMs) : breaker.restMs;
  return { admitted: true, retryInMs: 0, next: { state: 'trying', until: now + policy.trialMs, restMs } };
}

/** The host answered: whatever was counted against it is forgotten. */
export function succeeded(): Breaker {
  return CLOSED;
}

/** `unreachable`: no byte of the request left. `failed`: everything else that speaks of a sick host. */
export type Failing = 'unreachable' | 'failed';

/**
 * The host failed. Calls that were already out when the circuit opened add nothing: the rest was decided by the one
 * that opened it.
 */
export function failed(breaker: Breaker, now: number, policy: BreakerPolicy, how: Failing = 'failed'): Breaker {
  const { restMs: firstMs, ceilingMs } = how === 'unreachable' ? policy.unreachable : policy;
  switch (breaker.state) {
    case 'closed': {
      const failures = breaker.failures + 1;
      if (failures < policy.failures) return { state: 'closed', failures };
      return { state: 'open', until: now + firstMs, restMs: firstMs };
    }
    case 'open':
      return breaker;
    case 'trying': {
      const restMs = longer(breaker.restMs, policy, ceilingMs);
      return { state: 'open', until: now + restMs, restMs };
    }
  }
}

/** The host itself named a pause (429 or 503 with Retry-After): it is taken at its word, up to an hour. */
export function restAsTold(breaker: Breaker, now: number, pauseMs: number, policy: BreakerPolicy): Breaker {
  const until = now + Math.min(Math.max(pauseMs, 0), 3_600_000);
  const restMs = breaker.state === 'closed' ? policy.restMs : breaker.restMs;
  if (breaker.state === 'open' && breaker.until >= until) return breaker;
  return { state: 'open', until, restMs, told: true };
}

/** The line is back: what failed may have been the line's fault, so a trial may leave now. A pause that was told stays. */
export function lineReturned(breaker: Breaker, now: number): Breaker {
  if (breaker.state !== 'open' || breaker.told) return breaker;
  return { ...breaker, until: Math.min(breaker.until, now) };
}

function longer(restMs: number, { factor }: BreakerPolicy, ceilingMs: number): number {
  return Math.min(restMs * factor, ceilingMs);
}
