/** Median, minimum and maximum of the runs of one figure. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
}

/**
 * The value below which the given share of the samples lies (nearest rank).
 * @param share between 0 and 1: 0.5 is the median
 * @throws RangeError without samples: a percentile of nothing is not zero
 */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (value === undefined) throw new RangeError('a percentile needs at least one sample');
  return value;
}

/** Spread of one figure over its runs. */
export function spread(samples: readonly number[]): Spread {
  return {
    median: percentile(samples, 0.5),
    min: Math.min(...samples),
    max: Math.max(...samples),
    runs: samples.length,
  };
}

/** Microseconds of the machine's monotonic clock, which all processes of one machine share. */
export function monotonicMicros(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** Rounded so that a table stays readable: three significant figures at least, never exponents. */
export function rounded(value: number): number {
  if (Math.abs(value) >= 100) return Math.round(value);
  return Number(value.toPrecision(3));
}
