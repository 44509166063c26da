import { describe, expect, it } from '@jest/globals';
import { until } from './until.ts';

describe('until', () => {
  it('answers what the condition came to, without waiting longer than it must', async () => {
    let looks = 0;
    const found = await until(() => ((looks += 1) === 3 ? { looks } : null), { what: 'the third look' });
    expect(found).toEqual({ looks: 3 });
  });

  it('fails with what it waited for and the last answer', async () => {
    const waiting = until(() => Promise.resolve(0), { within: 10, what: 'a row' });
    await expect(waiting).rejects.toThrow('waited 10 ms for a row; the last look gave: 0');
  });

  it('counts an error of the condition as not yet, and tells the last one', async () => {
    const waiting = until(() => Promise.reject(new TypeError('no table')), { within: 10, what: 'a row' });
    await expect(waiting).rejects.toThrow('TypeError: no table');
  });
});
