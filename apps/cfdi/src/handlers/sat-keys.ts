import type { KeyObject } from 'node:crypto';

/** Public keys of the tax authority's certificates by number, as far as the settings name them. */
export class SatKeys {
  readonly known: ReadonlyMap<string, KeyObject>;

  constructor(known: ReadonlyMap<string, KeyObject>) {
    this.known = known;
  }
}
