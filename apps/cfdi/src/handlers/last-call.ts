const HOUR_MS = 3_600_000;
/** A comprobante must be stamped within 72 hours of its Fecha; one try is made before this age whatever the backoff says. */
const LAST_CALL_MS = 70 * HOUR_MS;

/**
 * When the last try before the end of the 72 hours is due, if the wait that the backoff chose would miss it.
 * @param waitMs Longest wait until the next try by the backoff.
 */
export function lastCall(sealedAt: Date, now: Date, waitMs: number): Date | null {
  const due = sealedAt.getTime() + LAST_CALL_MS;
  const leftMs = due - now.getTime();
  return leftMs > 0 && leftMs < waitMs ? new Date(due) : null;
}
