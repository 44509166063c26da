/**
 * A wait with a part of it left to chance: between `ms × (1 − jitter)` and `ms`. Never longer, so that a ceiling holds.
 * @param chance 0 to 1, from `Math.random()` or a seed.
 */
export function jittered(ms: number, jitter: number, chance: number): number {
  const part = Math.min(1, Math.max(0, jitter));
  return ms * (1 - part * Math.min(1, Math.max(0, chance)));
}
