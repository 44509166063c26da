import type { Motivo } from '../cancelacion/motivos.ts';
import type { Shown, Unknown, Unsent } from './answer-kinds.ts';

/** A signed request to cancel, and what is in it, for PACs that want to be told beside the document. */
export interface CancelRequest {
  readonly rfc: string;
  readonly uuid: string;
  readonly motivo: Motivo;
  readonly folioSustitucion: string | null;
  /** The signed document: the same bytes in every try. */
  readonly signed: Buffer;
}

/** The tax authority has taken the request. Whether the comprobante is cancelled, its consultation service tells. */
interface Asked {
  readonly kind: 'asked';
  /** 201 asked now, 202 asked before. */
  readonly code: '201' | '202';
  readonly message: string;
  /** The acknowledgement as the tax authority gave it; null when the PAC kept it to itself. */
  readonly acuse: string | null;
}

/**
 * Why a request was not taken. unknown-uuid: the tax authority does not know the comprobante, as it does not for some
 * time after the stamp (205). wait: it wants 72 hours of patience (798). spent: the five requests are used (799).
 * not-cancellable: it cannot be cancelled as it is (204). rfc: it is another's (203). motivo and sustituto: the reason or
 * the substitute (207–209, 211, 212). late: the last day is over (210). account, certificate, ours: as for stamping.
 * unlisted: a definite refusal by its shape, with a code that nobody listed.
 */
export type CancelRefusal =
  | 'unknown-uuid'
  | 'wait'
  | 'spent'
  | 'not-cancellable'
  | 'rfc'
  | 'motivo'
  | 'sustituto'
  | 'late'
  | 'account'
  | 'certificate'
  | 'ours'
  | 'unlisted';

/** The request was not taken: nothing was asked of the tax authority by it. */
export interface CancelRefused {
  readonly kind: 'refused';
  readonly of: CancelRefusal;
  /** The tax authority's or the PAC's code. */
  readonly code: string;
  readonly message: string;
}

/** `answered`: the PAC itself works and said something that settles nothing, as that the tax authority does not answer. */
type CancelUnknown = Unknown & { readonly answered?: boolean };

/** What a PAC said about a request to cancel. `unsent` and `unknown` as for stamping. */
export type CancelAnswer = (Asked | CancelRefused | Unsent | CancelUnknown) & Shown;
