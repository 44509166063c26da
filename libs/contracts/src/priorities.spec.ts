import { describe, expect, it } from '@jest/globals';
import { priorityOf, priorityRank, PRIORITIES } from './priorities.ts';

describe('priorities', () => {
  it('translate to the number of the ledger and back', () => {
    expect(PRIORITIES.map(priorityRank)).toEqual([0, 1, 2, 3]);
    expect(PRIORITIES.map((priority) => priorityOf(priorityRank(priority)))).toEqual([...PRIORITIES]);
  });

  it('refuse a number that the ledger does not know', () => {
    expect(() => priorityOf(4)).toThrow(/0 to 3/);
  });
});
