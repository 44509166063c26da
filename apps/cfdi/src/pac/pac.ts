/** What a PAC said about sealed bytes, in our words. Adapters translate; what follows from it is decided elsewhere. */
export type Verdict = (
  | Stamped
  | Refused
  /** No byte of the stamping request left: the outcome is known, nothing was stamped. */
  | {
      readonly kind: 'unsent';
      /** True when there is no line to the PAC; false when it turned us away before we could send (login, overload). */
      readonly offline: boolean;
      readonly code: string;
      readonly message: string;
    }
  /** It may have been stamped: time-out, reset, 5xx, 429, HTML, a cut body, an answer that nobody understands. */
  | {
      readonly kind: 'unknown';
      readonly code: string;
      readonly message: string;
      /** The PAC's own wish, in milliseconds. */
      readonly retryAfterMs?: number;
    }
) & {
  /** The PAC's clock minus ours, in milliseconds, by the Date header of its answer. */
  readonly skewMs?: number;
};

/** The PAC gave a stamped comprobante. Whether it can be believed is judged by `believe`. */
export interface Stamped {
  readonly kind: 'stamped';
  readonly xml: string;
  /** True when the PAC says that it had stamped these bytes, or this row, before (307, CFDI3307). */
  readonly previous: boolean;
}

/** The PAC said no, for good: these bytes were not stamped by this request. */
export interface Refused {
  readonly kind: 'refused';
  readonly of: Refusal;
  /** The PAC's code, for instance `CFDI40147`. */
  readonly code: string;
  /** The PAC's own sentence and detail. */
  readonly message: string;
}

/**
 * Classes of refusals. data: a person must mend the document. ours: the software built it wrongly. account: the account
 * at the PAC (login, stamps left, manifiesto). certificate: the CSD. clock: Fecha too old or in the future.
 */
export type Refusal = 'data' | 'ours' | 'account' | 'certificate' | 'clock';

/** Sealed bytes on their way. */
export interface Envio {
  /** The row's id: the PAC's second lock against stamping one sale twice. */
  readonly customid: string;
  readonly bytes: Buffer;
}

/**
 * One PAC. It gets sealed XML only; keys never leave the shop. Implementations answer a verdict for whatever the PAC,
 * the line or the clock does, and throw only for faults of their own.
 */
export abstract class Pac {
  /** Name under which attempts are kept and a row is pinned. */
  abstract readonly name: string;
  /** Host and port, for hints and circuit breakers. */
  abstract readonly host: string;

  /** Has sealed bytes stamped, or asks after them: the same bytes again give the stamp that they had before. */
  abstract stamp(envio: Envio, signal: AbortSignal): Promise<Verdict>;
}
