/** What every answer of a PAC shows beside what it says. */
export interface Shown {
  /** The PAC's clock minus ours, in milliseconds, by the Date header of its answer. */
  readonly skewMs?: number;
}

/** No byte of the request left: the outcome is known, nothing was done. */
export interface Unsent {
  readonly kind: 'unsent';
  /** True when there is no line to the PAC; false when it turned us away before we could send (login, overload). */
  readonly offline: boolean;
  readonly code: string;
  readonly message: string;
}

/** It may have been done: time-out, reset, 5xx, 429, HTML, a cut body, an answer that nobody understands. */
export interface Unknown {
  readonly kind: 'unknown';
  readonly code: string;
  readonly message: string;
  /** The PAC's own wish, in milliseconds. */
  readonly retryAfterMs?: number;
}
