import { describe, expect, it } from '@jest/globals';
import { durationMs, type Duration } from './duration.ts';

describe('a duration as it is written', () => {
  it.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['2m', 120_000],
    ['6h', 21_600_000],
    ['1.5d', 129_600_000],
  ] as const)('%s is %d ms', (written, ms) => {
    expect(durationMs(written)).toBe(ms);
  });

  it.each(['0s', '-1s', '1e3s', '5', '2 minutes', 's'])('%s is refused with a sentence', (written) => {
    expect(() => durationMs(written as Duration)).toThrow(/write it like 30s/);
  });
});
