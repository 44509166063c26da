/** How long to wait between tries. Times in milliseconds. */
export interface Backoff {
  /** Wait after the first failure. */
  readonly firstMs: number;
  /** Each further failure multiplies the wait by this; at least 1. */
  readonly factor: number;
  /** No wait is longer. */
  readonly ceilingMs: number;
  /** Part of each wait that is left to chance, 0 to 1, so that what failed together does not come back together. */
  readonly jitter: number;
}

/**
 * The wait after so many failures in a row, without chance: first, first × factor, … up to the ceiling.
 * @param failures 1 or more.
 */
export function backoffMs({ firstMs, factor, ceilingMs }: Backoff, failures: number): number {
  const wait = firstMs * factor ** (Math.max(1, failures) - 1);
  // A huge number of failures overflows to Infinity, which the ceiling takes care of as well.
  return Math.min(wait, ceilingMs);
}
