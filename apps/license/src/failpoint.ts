import { closeSync, openSync } from 'node:fs';

/** Places where a fault test may kill the process, in the order in which a cycle passes them. */
export const FAILPOINTS = [
  'license.before-ask',
  'license.after-answer',
  'license.after-rows',
  'license.after-file',
  'license.after-commit',
] as const;

/** One of those places. */
export type FailpointName = (typeof FAILPOINTS)[number];

/**
 * Dies by SIGKILL the first time that an armed place is passed. The marker file says that it has happened: the next
 * process passes. Without the setting NEXORA_FAILPOINT it does nothing at all.
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
