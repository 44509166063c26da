import type { Shown, Unknown, Unsent } from './answer-kinds.ts';
import type { Balance } from './balance.ts';
import type { CancelAnswer, CancelRequest } from './cancel-answer.ts';

/** What a PAC said about sealed bytes, in our words. Adapters translate; what follows from it is decided elsewhere. */
export type Verdict = (Stamped | Refused | Unsent | Unknown) & Shown;

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

/** Sealed bytes that were sent some time ago, or a stamp that is known by its UUID alone. */
export interface SentBefore extends Envio {
  /** Folio fiscal, where the house knows it: after a restore it may know the UUID and not the XML. */
  readonly uuid?: string;
}

/** What a PAC knows of a stamp of the past. `unknown`: it did not say; ask again later. */
export type Found = (
  | {
      readonly kind: 'found';
      /** Stamped comprobante. Whether it can be believed is judged by `believe`. */
      readonly xml: string;
    }
  /** A clear "never stamped": no earlier request with these bytes led to a stamp at this PAC, and none is under way. */
  | { readonly kind: 'never' }
  /** This PAC cannot be asked in this way, or its "not found" proves nothing. */
  | { readonly kind: 'unsupported' }
  | Unsent
  | Unknown
) &
  Shown;

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

  /** Asks what became of bytes that were sent before, without having anything stamped. */
  abstract lookUp(sent: SentBefore, signal: AbortSignal): Promise<Found>;

  /** Has a signed request to cancel handed to the tax authority; the same bytes again are told as asked before. */
  abstract cancel(request: CancelRequest, signal: AbortSignal): Promise<CancelAnswer>;

  /** Asks how many stamps are left: of the whole account, or of these issuers where each has its own. */
  abstract balance(rfcs: readonly string[], signal: AbortSignal): Promise<Balance>;
}
