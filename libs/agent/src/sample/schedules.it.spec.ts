import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@nexora/testing';
import { SampleHouse } from './sample-house.conformance.ts';

let house: SampleHouse;
beforeEach(async () => {
  house = await SampleHouse.open();
});
afterEach(() => house.end());

const slots = async () => {
  const rows = await house.database.query<{ tag: string }>({ text: 'SELECT tag FROM effect ORDER BY tag' });
  return rows.map(({ tag }) => tag);
};

describe('the schedule of an agent', () => {
  it('fires each slot once, however many replicas tick, and leaves none out', async () => {
    const every = { SAMPLE_EVERY_SECONDS: '1' };
    await Promise.all([house.start({ instance: 'a', env: every }), house.start({ instance: 'b', env: every })]);
    const fired = await until(async () => ((await slots()).length >= 6 ? slots() : null), {
      within: 30_000,
      what: 'six slots to have run',
    });
    expect(new Set(fired).size).toBe(fired.length);
    const seconds = fired.map((slot) => Date.parse(slot) / 1000);
    expect(seconds.slice(1).map((second, i) => second - (seconds[i] ?? 0))).toEqual(seconds.slice(1).map(() => 1));
  });

  it('makes up what was missed while the house was off, one after another', async () => {
    // Half past the hour, so that no slot comes by itself meanwhile.
    const half = `${30 - new Date().getUTCMinutes()} min`;
    await house.database.query({ text: 'SELECT agents.set_clock($1)', values: [half] });
    const agent = await house.start();
    await until(
      async () => {
        const rows = await house.database.query<{ next: Date | null }>({
          text: 'SELECT next_run_at AS next FROM agents.schedules',
        });
        return rows[0]?.next;
      },
      { what: 'the schedule to be computed' },
    );
    await agent.stop();
    await house.database.query({ text: `SELECT agents.set_clock(interval '3 hours' + $1)`, values: [half] });
    await house.start();
    const missed = await until(
      async () => {
        const rows = await house.database.query<{ slot: Date; run_at: Date }>({
          text: `SELECT slot, run_at FROM agents.job_listing WHERE kind = 'sample.ticked' ORDER BY slot`,
        });
        return rows.length >= 3 ? rows : null;
      },
      { what: 'the missed slots' },
    );
    expect(missed).toHaveLength(3);
    expect(missed.map(({ slot }) => slot.getTime() % 3_600_000)).toEqual([0, 0, 0]);
    const starts = missed.map(({ run_at: runAt }) => runAt.getTime()).sort((a, b) => a - b);
    expect((starts[1] ?? 0) - (starts[0] ?? 0)).toBeGreaterThanOrEqual(30_000);
    expect((starts[2] ?? 0) - (starts[1] ?? 0)).toBeGreaterThanOrEqual(30_000);
    await until(async () => (await slots()).length === 1, { what: 'the first of them to run' });
  });

  it('does not fire while the agent is paused', async () => {
    await house.ledger.pause('sample');
    await house.start({ env: { SAMPLE_EVERY_SECONDS: '1' } });
    await house.handOver(1);
    await new Promise((resolve) => setTimeout(resolve, 2_500)); // two slots pass, and nothing announces that
    expect(await house.count('true')).toBe(1);
    await house.ledger.resume('sample');
    await until(async () => (await slots()).length >= 2, { what: 'a slot and the job to run' });
  });
});
