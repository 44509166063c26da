import { describe, expect, it } from '@jest/globals';
import { HouseClock } from './clock.ts';

describe('the clock of the house', () => {
  it('tells the time of the machine plus the offset of the house', () => {
    const clock = new HouseClock();
    clock.setOffset(73 * 3_600_000);
    expect(Math.abs(clock.now().getTime() - Date.now() - 73 * 3_600_000)).toBeLessThan(1_000);
    clock.setOffset(0);
    expect(Math.abs(clock.now().getTime() - Date.now())).toBeLessThan(1_000);
  });

  it('measures durations without regard to the offset', () => {
    const clock = new HouseClock();
    const begin = clock.monotonic();
    clock.setOffset(-3_600_000);
    expect(clock.monotonic()).toBeGreaterThanOrEqual(begin);
    expect(clock.monotonic() - begin).toBeLessThan(1_000);
  });

  it('sleeps as long as it was told', async () => {
    const clock = new HouseClock();
    const begin = clock.monotonic();
    await clock.sleep(30);
    expect(clock.monotonic() - begin).toBeGreaterThanOrEqual(28);
  });

  it('wakes early and in peace when the signal aborts, also before it fell asleep', async () => {
    const clock = new HouseClock();
    const stop = new AbortController();
    const sleeping = clock.sleep(60_000, stop.signal);
    stop.abort(new Error('stop'));
    await sleeping;
    await clock.sleep(60_000, stop.signal);
    expect(stop.signal.aborted).toBe(true);
  });
});
