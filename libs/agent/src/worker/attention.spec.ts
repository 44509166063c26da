import { describe, expect, it } from '@jest/globals';
import { Attention } from './attention.ts';

/** Lets rows come at an even rate for a second; what is not told is found by the next look. */
function aSecondAt(rate: number, attention: Attention, from = 0): { told: number; looks: number } {
  let told = 0;
  let looks = 0;
  let waiting = 0;
  let nextAt = from + 1000 / rate;
  for (let now = from; now < from + 1000; now++) {
    for (; nextAt <= now; nextAt += 1000 / rate) {
      if (attention.looking) waiting++;
      else {
        told++;
        attention.notified(now);
      }
    }
    if (!attention.looking) continue;
    looks++;
    attention.looked(now, waiting);
    waiting = 0;
  }
  return { told, looks };
}

describe('how a kind learns of new rows', () => {
  it('is told of every row at 100 a second, and never looks in vain', () => {
    expect(aSecondAt(100, new Attention())).toEqual({ told: 99, looks: 0 });
  });

  it('is told of a few rows only at 3,000 a second', () => {
    const { told, looks } = aSecondAt(3_000, new Attention());
    expect(told).toBeLessThan(70);
    expect(looks).toBeGreaterThan(950);
  });

  it('goes back to being told soon after a rush', () => {
    const attention = new Attention();
    aSecondAt(3_000, attention);
    for (let now = 1_000; now < 1_101; now++) attention.looked(now, 0);
    expect(attention.looking).toBe(false);
  });

  it('does not flap at a rate between the two marks', () => {
    const attention = new Attention();
    let turns = 0;
    for (let second = 0, was = false; second < 20; second++) {
      aSecondAt(450, attention, second * 1_000);
      if (attention.looking !== was) turns++;
      was = attention.looking;
    }
    expect(turns).toBeLessThanOrEqual(1);
  });

  it('looks for a while at least, also when no slot was free just then', () => {
    const attention = new Attention();
    for (let i = 0; i < 60; i++) attention.notified(0);
    expect(attention.looked(1, 0)).toBe(false);
    expect(attention.looked(101, 0)).toBe(true);
  });
});
