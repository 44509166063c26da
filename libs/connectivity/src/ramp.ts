/**
 * How many calls of one kind may be out at once after a reconnection: 1, 2, 4 … up to all its slots, so that a line
 * which has just come back is not met by everything that waited (spec/ledger.md, "Gates").
 */
export interface Ramp {
  /** Slots that may be used; `Infinity` when the kind is fully open. */
  readonly limit: number;
  /** Calls that went well since the limit was last raised. */
  readonly good: number;
}

/** No brake: the state before the first outage and after the ramp was climbed. */
export const FULLY_OPEN: Ramp = { limit: Infinity, good: 0 };

/** The gate has just opened, or a call found the line gone again. */
export const FIRST_STEP: Ramp = { limit: 1, good: 0 };

/** As many good calls as the limit allows at once double it; at `slots` the brake is off. */
export function climbed(ramp: Ramp, slots: number): Ramp {
  if (ramp.limit === Infinity) return ramp;
  const good = ramp.good + 1;
  if (good < ramp.limit) return { limit: ramp.limit, good };
  const limit = ramp.limit * 2;
  return limit >= slots ? FULLY_OPEN : { limit, good: 0 };
}
