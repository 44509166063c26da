import { closeSync, openSync } from 'node:fs';

/** Places where a fault test may kill the process, in the order in which a comprobante passes them. */
export const FAILPOINTS = [
  'cfdi.before-seal',
  'cfdi.after-seal',
  'cfdi.before-request',
  'cfdi.after-answer',
  'cfdi.after-row',
  'cfdi.after-storage',
  'cfdi.after-pdf',
] as const;

/** One of those places. */
export type FailpointName = (typeof FAILPOINTS)[number];

/**
 * Dies by SIGKILL the first time that an armed place is passed. The marker file says that it has happened: the next
 * process passes. Without the setting NEXORA_FAILPOINT it does nothing at all.
 */
export class Failpoint {
  readonly #place: string;
  readonly #marker: string;

  /** @param armed `<place>:<marker file>`, or '' */
  constructor(armed: string) {
    const colon = armed.indexOf(':');
    this.#place = armed.slice(0, Math.max(colon, 0));
    this.#marker = armed.slice(colon + 1);
  }

  /** Passes the place, or dies there. */
  pass(place: FailpointName): void {
    if (place !== this.#place) return;
    if (isFirst(this.#marker)) process.kill(process.pid, 'SIGKILL');
  }
}

function isFirst(marker: string): boolean {
  try {
    closeSync(openSync(marker, 'wx'));
    return true;
  } catch {
    return false; // the marker is there: it has happened
  }
}
