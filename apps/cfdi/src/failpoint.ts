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

/** The same on the way of a cancellation. */
export const CANCEL_FAILPOINTS = [
  'cfdi.before-cancel-signed',
  'cfdi.before-cancel-request',
  'cfdi.after-cancel-answer',
  'cfdi.after-cancel-row',
] as const;

/** One of those places. */
export type FailpointName = (typeof FAILPOINTS)[number] | (typeof CANCEL_FAILPOINTS)[number];

/**
 * Dies by SIGKILL the first time that an armed place is passed. The marker file says that it has happened: the next
 * process passes; removing it arms the place again. Without the setting NEXORA_FAILPOINT it does nothing at all.
 */
export class Failpoint {
  readonly #markers: ReadonlyMap<string, string>;

  /** @param armed `<place>:<marker file>`, several with commas between, or '' */
  constructor(armed: string) {
    this.#markers = new Map(armed.split(',').map(placeAndMarker));
  }

  /** Passes the place, or dies there. */
  pass(place: FailpointName): void {
    const marker = this.#markers.get(place);
    if (marker !== undefined && isFirst(marker)) process.kill(process.pid, 'SIGKILL');
  }
}

function placeAndMarker(one: string): [place: string, marker: string] {
  const colon = one.indexOf(':');
  return [one.slice(0, Math.max(colon, 0)), one.slice(colon + 1)];
}

function isFirst(marker: string): boolean {
  try {
    closeSync(openSync(marker, 'wx'));
    return true;
  } catch {
    return false; // the marker is there: it has happened
  }
}
