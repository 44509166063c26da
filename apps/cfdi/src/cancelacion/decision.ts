import type { EstadoSat } from './consulta.ts';

/** What the state at the tax authority says about a cancellation that was asked for. */
export type Decision =
  /** It is cancelled; `how` as the tax authority says it. */
  | { readonly kind: 'cancelled'; readonly how: string }
  /** The receiver said no: the comprobante stays valid. */
  | { readonly kind: 'rejected' }
  /** The tax authority has the request, and nobody has decided. */
  | { readonly kind: 'open' }
  /** It shows nothing of a request: not registered yet, or never made. */
  | { readonly kind: 'nothing' };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A rejection that is older than the request is still shown for a while after the request. */
const STALE_REJECTION_MS = HOUR_MS;
/** Receivers have three days; nobody needs to know the minute. */
const LONGEST_MS = 6 * HOUR_MS;

/**
 * Reads the state of a comprobante for its last request.
 * @param takenForMs since when the tax authority has had the request, in milliseconds; 0 when that is not known
 * @param number of the request: a rejection of an earlier one may still be shown
 */
export function decisionOf(
  { estado, estatusCancelacion }: EstadoSat,
  { takenForMs, number }: { readonly takenForMs: number; readonly number: number },
): Decision {
  if (estado === 'Cancelado') return { kind: 'cancelled', how: estatusCancelacion || estado };
  const said = estatusCancelacion.toLowerCase();
  if (said === 'en proceso') return { kind: 'open' };
  if (said !== 'solicitud rechazada') return { kind: 'nothing' };
  return number > 1 && takenForMs < STALE_REJECTION_MS ? { kind: 'open' } : { kind: 'rejected' };
}

/** How long to wait before the next question, after that many: 1, 2, 4 … minutes, at most six hours. */
export function nextCheckMs(checks: number): number {
  return Math.min(MINUTE_MS * 2 ** Math.min(checks, 20), LONGEST_MS);
}
