import type { Duration } from './duration.ts';

/** What a fate may carry beside its code: a sentence, or findings as plain JSON. Never a person's data. */
export type Detail = string | readonly unknown[] | Readonly<Record<string, unknown>>;

/**
 * Thrown by a handler: trying again is useless until a person has mended something. The job becomes a dead letter
 * with this code (a key of PROBLEMS) and detail.
 */
export class Permanent extends Error {
  override readonly name = 'Permanent';

  constructor(
    readonly code: string,
    readonly detail?: Detail,
  ) {
    super(typeof detail === 'string' ? `${code}: ${detail}` : code);
  }
}

/** When to come back: after a while, at a time, or when the sync agent has looked at the line (5 to 30 s). */
export type When = Duration | Date | 'internet';

/**
 * Thrown by a handler: not now. The job waits without an attempt being counted. `'internet'` is for failures before
 * the first byte of a request left; it also asks the sync agent to look at the line now.
 */
export class Later extends Error {
  override readonly name = 'Later';

  constructor(
    readonly when: When,
    /** Why, for the job's history: 'offline', 'licence', 'issuer paused' … */
    readonly reason: string,
    /** Host that could not be reached, for the sync agent. */
    readonly host?: string,
  ) {
    super(reason);
  }
}

/**
 * Thrown by a handler: the outside effect may or may not have happened and could not be asked about now. The job
 * stays visible in doubt until a person, or code that asks the outside, decides; nothing runs it again by itself.
 */
export class InDoubt extends Error {
  override readonly name = 'InDoubt';

  constructor(
    readonly code: string,
    readonly detail?: Detail,
  ) {
    super(typeof detail === 'string' ? `${code}: ${detail}` : code);
  }
}
