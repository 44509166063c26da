import { describe, expect, it } from '@jest/globals';
import { TestClock, until } from '@nexora/testing';
import { loop, within } from './loops.ts';

describe('a loop', () => {
  it('goes round at its pace, tells what failed and goes on', async () => {
    const clock = new TestClock();
    const over = new AbortController();
    const failed: unknown[] = [];
    let rounds = 0;
    const done = loop(
      { clock, everyMs: 1_000, signal: over.signal, onError: (error) => failed.push(error) },
      async () => {
        if (++rounds === 2) throw new Error('once');
      },
    );
    await until(() => clock.sleeping === 1, { what: 'the first round to end' });
    await clock.advance(3_500);
    expect(rounds).toBe(4);
    expect(failed).toEqual([new Error('once')]);
    over.abort();
    await done;
    await clock.advance(5_000);
    expect(rounds).toBe(4);
  });
});

describe('waiting no longer than', () => {
  it('answers what came in time', async () => {
    await expect(within(new TestClock(), 1_000, Promise.resolve('in time'), 'late')).resolves.toBe('in time');
  });

  it('answers the fallback when time is up, and leaves no sleeper behind', async () => {
    const clock = new TestClock();
    const answer = within(clock, 1_000, new Promise(() => undefined), 'late');
    await clock.advance(1_000);
    await expect(answer).resolves.toBe('late');
    expect(clock.sleeping).toBe(0);
  });
});
