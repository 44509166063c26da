import { describe, expect, it } from '@jest/globals';
import { TestClock } from '@nexora/testing';
import { Passage } from './passage.ts';

const turn = () => new Promise(setImmediate);
/** Something that ends when it is told to. */
function task(): { run: () => Promise<string>; end: () => void } {
  let end: () => void = () => undefined;
  const ended = new Promise<string>((resolve) => (end = () => resolve('ended')));
  return { run: () => ended, end: () => end() };
}

describe('a passage that is closed for a moment', () => {
  it('waits for what passes, lets nothing in meanwhile, and opens again', async () => {
    const passage = new Passage(new TestClock());
    const order: string[] = [];
    const first = task();
    void passage.through(first.run).then(() => order.push('first'));
    const closed = passage.closed(async () => order.push('closed'));
    const second = passage.through(async () => order.push('second'));
    await turn();
    expect([order, passage.still]).toEqual([[], false]);
    first.end();
    await Promise.all([closed, second]);
    expect(order).toEqual(['first', 'closed', 'second']);
    expect(passage.still).toBe(true);
  });

  it('gives up when what passes does not end within a second, and lets the others go on', async () => {
    const clock = new TestClock();
    const passage = new Passage(clock);
    void passage.through(task().run);
    let ran = false;
    const closed = passage.closed(async () => (ran = true));
    const second = passage.through(async () => 'through');
    await clock.advance(1_000);
    expect([await closed, await second, ran]).toEqual([undefined, 'through', false]);
  });

  it('opens also when what was to be done failed', async () => {
    const passage = new Passage(new TestClock());
    await expect(passage.closed(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await passage.through(async () => 'through')).toBe('through');
  });
});
