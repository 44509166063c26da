import type { Clock } from '@nexora/runtime';
import {
  admit,
  type Admission,
  type Breaker,
  type BreakerPolicy,
  CLOSED,
  DEFAULT_BREAKER,
  failed,
  type Failing,
  lineReturned,
  restAsTold,
  succeeded,
} from './circuit-breaker.ts';
import { leftNothing } from './left-nothing.ts';

/** The circuit of this host is open: nothing was sent. The job comes back after `retryInMs`, without an attempt. */
export class HostResting extends Error {
  override readonly name = 'HostResting';

  constructor(
    readonly host: string,
    readonly retryInMs: number,
  ) {
    super(`${host} is left alone for ${Math.ceil(retryInMs / 1000)} s after repeated failures.`);
  }
}

/** No byte of the request left this machine: a case for the sync agent, not for the job's attempts. */
export class HostUnreachable extends Error {
  override readonly name = 'HostUnreachable';

  constructor(
    readonly host: string,
    cause: unknown,
  ) {
    super(`${host} cannot be reached; nothing was sent.`, { cause });
  }
}

/** How one outside call is judged; a seam that answers verdicts instead of throwing says which of them are failures. */
export interface Judgement<T> {
  /**
   * True for an answer that speaks of a sick host (5xx, HTML instead of XML), not of our data; `unreachable` where the
   * verdict is that no byte left.
   */
  readonly failedBy?: (answer: T) => boolean | Failing;
  /** False for an error that says nothing about the host, for instance our own abort. Default: every error counts. */
  readonly countsAsFailure?: (error: unknown) => boolean;
}

/** What the breakers tell of themselves. */
export interface BreakerEvents {
  readonly opened: (host: string, restMs: number) => void;
  readonly closed: (host: string) => void;
}

/** Who waits for a trial call looks again after this long. */
const TRIAL_LOOK_MS = 2_000;

/** One circuit breaker per outside host, shared by all handlers of the process. */
export class OutsideHosts {
  readonly #clock: Clock;
  readonly #events: BreakerEvents;
  readonly #policy: BreakerPolicy;
  readonly #breakers = new Map<string, Breaker>();

  constructor(clock: Clock, events: BreakerEvents, policy: BreakerPolicy = DEFAULT_BREAKER) {
    this.#clock = clock;
    this.#events = events;
    this.#policy = policy;
  }

  /**
   * Makes one outside call, unless the host is left alone just now.
   * @throws HostResting when it is; HostUnreachable when no byte left; otherwise what the call throws.
   */
  async attempt<T>(host: string, call: () => Promise<T>, judgement: Judgement<T> = {}): Promise<T> {
    this.#admit(host);
    let answer: T;
    try {
      answer = await call();
    } catch (error) {
      const early = leftNothing(error);
      if (early) this.#failed(host, 'unreachable');
      else if (judgement.countsAsFailure?.(error) ?? true) this.#failed(host, 'failed');
      else this.#answered(host);
      throw early ? new HostUnreachable(host, error) : error;
    }
    const failing = judgement.failedBy?.(answer) ?? false;
    if (failing === false) this.#answered(host);
    else this.#failed(host, failing === true ? 'failed' : failing);
    return answer;
  }

  /**
   * How long the host is left alone still, in milliseconds; 0 when a call may leave. While a trial call is out it is
   * a moment only: its outcome is known soon.
   */
  restsFor(host: string): number {
    const breaker = this.#of(host);
    return waitFor(breaker, admit(breaker, this.#clock.monotonic(), this.#policy));
  }

  /** The host asked for a pause (Retry-After): nobody calls it before that. */
  rest(host: string, pauseMs: number): void {
    this.#become(host, restAsTold(this.#of(host), this.#clock.monotonic(), pauseMs, this.#policy));
  }

  /** The Internet came back: hosts that rest after failures are tried again at once, each by one call. */
  lineReturned(): void {
    const now = this.#clock.monotonic();
    for (const [host, breaker] of this.#breakers) this.#breakers.set(host, lineReturned(breaker, now));
  }

  #of(host: string): Breaker {
    return this.#breakers.get(host) ?? CLOSED;
  }

  #admit(host: string): void {
    const breaker = this.#of(host);
    const admission = admit(breaker, this.#clock.monotonic(), this.#policy);
    this.#breakers.set(host, admission.next);
    if (!admission.admitted) throw new HostResting(host, waitFor(breaker, admission));
  }

  #answered(host: string): void {
    this.#become(host, succeeded());
  }

  #failed(host: string, how: Failing): void {
    this.#become(host, failed(this.#of(host), this.#clock.monotonic(), this.#policy, how));
  }

  #become(host: string, next: Breaker): void {
    const before = this.#of(host);
    this.#breakers.set(host, next);
    if (next.state === 'open' && before.state !== 'open') this.#events.opened(host, next.restMs);
    if (next.state === 'closed' && before.state !== 'closed') this.#events.closed(host);
  }
}

/** While a trial call is out, a moment: its outcome is known long before the time that it may take at the most. */
function waitFor({ state }: Breaker, { admitted, retryInMs }: Admission): number {
  if (admitted) return 0;
  return state === 'trying' ? Math.min(retryInMs, TRIAL_LOOK_MS) : retryInMs;
}
