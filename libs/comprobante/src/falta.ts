/** What is wrong with a field of a comprobante, in words for the person who sells. */
export interface Falta {
  /** Where, as the caller wrote it: `receptor.rfc`, `conceptos[0].impuestos.traslados[1].tasaOCuota`; '' is the whole document. */
  readonly path: string;
  /** Stable, for programs. */
  readonly code: CodigoDeFalta;
  /** Spanish: what is wrong. Never repeats a person's datum. */
  readonly message: string;
  /** Spanish: how to mend it. */
  readonly remedy: string;
}

/**
 * Two classes. Malformed (HTTP 400): the document has another shape than the one agreed, so nothing in it can be judged.
 * All others (HTTP 422): right shape, but the tax authority or arithmetic says no.
 */
export type CodigoDeFalta =
  | 'cfdi.unknown-field'
  | 'cfdi.wrong-type'
  | 'cfdi.missing-field'
  | 'cfdi.required'
  | 'cfdi.forbidden'
  | 'cfdi.pattern'
  | 'cfdi.length'
  | 'cfdi.character'
  | 'cfdi.catalogue'
  | 'cfdi.range'
  | 'cfdi.sum'
  | 'cfdi.addenda'
  | 'cfdi.unknown-issuer'
  | 'cfdi.schema'
  | 'cfdi.unsupported';

const MALFORMED: ReadonlySet<CodigoDeFalta> = new Set(['cfdi.unknown-field', 'cfdi.wrong-type', 'cfdi.missing-field']);

/** Whether the fault is one of shape (HTTP 400) rather than of a rule (HTTP 422). */
export function isMalformed(falta: Falta): boolean {
  return MALFORMED.has(falta.code);
}

/** As many faults of one document are named; who mends these sees the next ones. */
export const MOST_FALTAS = 100;

/** Makes a fault. */
export function falta(path: string, code: CodigoDeFalta, message: string, remedy: string): Falta {
  return { path, code, message, remedy };
}
