import { describe, expect, it } from '@jest/globals';
import { TestClock } from '@nexora/testing';
import { Deadlines } from './deadlines.ts';

function watched() {
  const clock = new TestClock();
  const over = new AbortController();
  const expired: string[] = [];
  const deadlines = new Deadlines<{ name: string; startedAt: number }>(clock, over.signal, ({ name }) =>
    expired.push(name),
  );
  const start = (name: string, limitMs: number) => {
    const item = { name, startedAt: clock.monotonic() };
    deadlines.add(item, limitMs);
    return () => deadlines.remove(item);
  };
  return { clock, expired, start, over };
}

describe('time limits', () => {
  it('end what takes too long, each at its own time', async () => {
    const { clock, expired, start } = watched();
    start('short', 100);
    start('long', 1_000);
    await clock.advance(90);
    expect(expired).toEqual([]);
    await clock.advance(60);
    expect(expired).toEqual(['short']);
    await clock.advance(1_000);
    expect(expired).toEqual(['short', 'long']);
  });

  it('leave alone what ended in time', async () => {
    const { clock, expired, start } = watched();
    const ended = start('quick', 100);
    ended();
    await clock.advance(10_000);
    expect(expired).toEqual([]);
  });

  it('are watched by one sleeper, and by none when nothing runs', async () => {
    const { clock, start } = watched();
    expect(clock.sleeping).toBe(0);
    const ends = Array.from({ length: 50 }, (_, i) => start(String(i), 60_000));
    expect(clock.sleeping).toBe(1);
    for (const end of ends) end();
    await clock.advance(100);
    expect(clock.sleeping).toBe(0);
  });
});
