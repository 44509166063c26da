/** A length of time as it is written in a declaration: '250ms', '30s', '2m', '6h', '1d'. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const WRITTEN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** Milliseconds of a duration. @throws RangeError when it is not a plain positive number with a unit. */
export function durationMs(duration: Duration): number {
  const [, amount, unit] = WRITTEN.exec(duration) ?? [];
  const ms = Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
  if (!(ms > 0)) throw new RangeError(`"${duration}" is no duration; write it like 30s, 2m, 6h or 1d.`);
  return ms;
}
