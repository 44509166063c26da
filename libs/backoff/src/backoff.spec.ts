import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backoffMs, jittered, retryDelayMs, type RetryPolicy } from './index.ts';

const minute = 60_000;
const policy: RetryPolicy = { firstMs: minute, factor: 2, ceilingMs: 6 * 60 * minute, jitter: 0, attempts: 20 };

const policies = fc.record({
  firstMs: fc.integer({ min: 1, max: 600_000 }),
  factor: fc.double({ min: 1, max: 10, noNaN: true }),
  ceilingMs: fc.integer({ min: 600_000, max: 86_400_000 }),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  attempts: fc.constant(null),
});
const chances = fc.double({ min: 0, max: 1, noNaN: true });

describe('waits between tries', () => {
  it('double from the first to the ceiling and stay there', () => {
    const waits = [1, 2, 3, 4, 9, 10, 11].map((failures) => backoffMs(policy, failures) / minute);
    expect(waits).toEqual([1, 2, 4, 8, 256, 360, 360]);
  });

  it('stay at the ceiling after more failures than a number can count', () => {
    expect(backoffMs(policy, 1e9)).toBe(policy.ceilingMs);
  });

  it('are never longer than the ceiling and never negative, whatever chance says', () => {
    fc.assert(
      fc.property(policies, fc.integer({ min: 1, max: 5_000 }), chances, (any, attempt, chance) => {
        const wait = retryDelayMs(any, attempt, chance) ?? -1;
        return wait >= 0 && wait <= any.ceilingMs;
      }),
    );
  });

  it('leave to chance no more than the jitter allows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), chances, chances, (ms, jitter, chance) => {
        const wait = jittered(ms, jitter, chance);
        return wait <= ms && wait >= ms * (1 - jitter) - 1e-6;
      }),
    );
  });

  it('end with the last attempt', () => {
    expect(retryDelayMs(policy, 19, 0)).toBe(policy.ceilingMs);
    expect(retryDelayMs(policy, 20, 0)).toBeNull();
    expect(retryDelayMs({ ...policy, attempts: null }, 1_000_000, 0)).toBe(policy.ceilingMs);
  });
});
