import { describe, expect, it } from '@jest/globals';
import { TestClock } from './test-clock.ts';

describe('the clock of tests', () => {
  it('moves only when told, both its faces together', async () => {
    const clock = new TestClock(new Date('2026-11-21T00:00:00Z'));
    await clock.advance(1_500);
    expect([clock.now().toISOString(), clock.monotonic()]).toEqual(['2026-11-21T00:00:01.500Z', 1_500]);
  });

  it('steps the date without letting time pass', () => {
    const clock = new TestClock();
    clock.step(new Date('2020-01-01T00:00:00Z'));
    expect([clock.now().getUTCFullYear(), clock.monotonic()]).toEqual([2020, 0]);
  });

  it('wakes sleepers in the order of their time, each at its time', async () => {
    const clock = new TestClock();
    const woken: [string, number][] = [];
    const sleep = async (name: string, ms: number) => {
      await clock.sleep(ms);
      woken.push([name, clock.monotonic()]);
    };
    void sleep('late', 200);
    void sleep('early', 100).then(() => sleep('again', 50));
    void sleep('never', 1_000);
    await clock.advance(300);
    expect(woken).toEqual([
      ['early', 100],
      ['again', 150],
      ['late', 200],
    ]);
    expect(clock.sleeping).toBe(1);
  });

  it('lets a sleeper go when its signal aborts', async () => {
    const clock = new TestClock();
    const controller = new AbortController();
    const sleeping = clock.sleep(100, controller.signal);
    controller.abort();
    await sleeping;
    expect([clock.sleeping, clock.monotonic()]).toEqual([0, 0]);
  });
});
