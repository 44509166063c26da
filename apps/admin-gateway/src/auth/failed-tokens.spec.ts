import { expect, it } from '@jest/globals';
import { FailedTokens } from './failed-tokens.ts';

it('takes so many wrong tokens per minute from one address, then tells how long to wait', () => {
  let now = 0;
  const failed = new FailedTokens(3, () => now);
  expect([1, 2, 3].map(() => failed.count('10.0.0.1'))).toEqual([null, null, null]);
  expect(failed.count('10.0.0.1')).toBeCloseTo(20);
  expect(failed.count('10.0.0.2')).toBeNull();
  now += 20_000;
  expect(failed.count('10.0.0.1')).toBeNull();
  expect(failed.count('10.0.0.1')).toBeCloseTo(20);
});

it('does not push the wait away while wrong tokens go on coming', () => {
  let now = 0;
  const failed = new FailedTokens(1, () => now);
  failed.count('a');
  const waits = [0, 15_000, 30_000, 45_000].map((at) => {
    now = at;
    return Math.round(failed.count('a') ?? 0);
  });
  expect(waits).toEqual([60, 45, 30, 15]);
});

it('remembers ten thousand addresses at most', () => {
  const failed = new FailedTokens(1, () => 0);
  failed.count('first');
  for (let n = 0; n < 10_000; n += 1) failed.count(`address ${n}`);
  expect(failed.count('first')).toBeNull();
});
