import { describe, expect, it } from '@jest/globals';
import { priorityOf, priorityRank, PRIORITIES } from './priorities.ts';
import { JOB_STATES, JOB_TRANSITIONS, isFinished } from './states.ts';

describe('states of a job', () => {
  it('lead from pending to every other state', () => {
    const seen = new Set<string>(['pending']);
    const queue = ['pending' as (typeof JOB_STATES)[number]];
    for (let state = queue.shift(); state !== undefined; state = queue.shift()) {
      for (const next of JOB_TRANSITIONS[state]) if (!seen.has(next)) queue.push((seen.add(next), next));
    }
    expect([...seen].sort()).toEqual([...JOB_STATES].sort());
  });

  it('keep a dead or doubtful job open for a person, and a finished one closed', () => {
    expect(JOB_STATES.filter(isFinished)).toEqual(['done', 'cancelled']);
  });
});

describe('priorities', () => {
  it('translate to the number of the ledger and back', () => {
    expect(PRIORITIES.map(priorityRank)).toEqual([0, 1, 2, 3]);
    expect(PRIORITIES.map((priority) => priorityOf(priorityRank(priority)))).toEqual([...PRIORITIES]);
  });

  it('refuse a number that the ledger does not know', () => {
    expect(() => priorityOf(4)).toThrow(/0 to 3/);
  });
});
