import { describe, expect, it } from '@jest/globals';
import { climbed, FIRST_STEP, FULLY_OPEN, type Ramp } from './ramp.ts';

describe('ramp after a reconnection', () => {
  it('opens 1, 2, 4 slots, each after as many good calls, then all', () => {
    const limits: number[] = [];
    let ramp: Ramp = FIRST_STEP;
    for (let calls = 0; ramp.limit !== Infinity && calls < 100; calls++) {
      limits.push(ramp.limit);
      ramp = climbed(ramp, 8);
    }
    expect(limits).toEqual([1, 2, 2, 4, 4, 4, 4]);
  });

  it('leaves a kind with one slot unbraked after its first good call', () => {
    expect(climbed(FIRST_STEP, 1)).toEqual(FULLY_OPEN);
  });

  it('does nothing where no outage was', () => {
    expect(climbed(FULLY_OPEN, 4)).toBe(FULLY_OPEN);
  });
});
