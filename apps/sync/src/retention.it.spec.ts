import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runSchedule } from '@nexora/outbox';
import { until } from '@nexora/testing';
import { DrainHouse } from './drain/drain-house.conformance.ts';

const OLD = 3_500;
const UNFINISHED = 20;

let house: DrainHouse;
beforeAll(async () => {
  house = await DrainHouse.open();
  await house.startSync({ env: { OUTBOX_RETENTION_DAYS: '30' } });
  await house.becomes('online');
}, 60_000);
afterAll(() => house.close());

/** History of finished jobs, as it stands after so many days; none of them was done by an agent. */
async function history(rows: number, daysAgo: number): Promise<void> {
  await house.handOver('copy', rows);
  await house.sql(
    `WITH gone AS (DELETE FROM agents.job WHERE kind = 'drain.copy' RETURNING *)
     INSERT INTO agents.job_finished (id, created_at, finished_at, run_at, dispatch, attempts, state, priority, losses,
                                      kind, payload)
     SELECT id, created_at, agents.now() - make_interval(days => $1), run_at, 1, 1, 'done', priority, losses, kind,
            payload FROM gone`,
    [daysAgo],
  );
}

/** Jobs that failed and logged long ago and still wait; and one that is dead until a person decides. */
async function unfinished(): Promise<void> {
  await house.handOver('renew', UNFINISHED);
  await house.sql(`UPDATE agents.job SET run_at = agents.now() + interval '1 day', created_at = created_at - interval '90 days'
                    WHERE kind = 'drain.renew'`);
  await house.sql(
    `INSERT INTO agents.attempt (job, started_at, ended_at, dispatch, counted, kind, outcome)
     SELECT id, created_at, created_at, 1, true, kind, 'retry' FROM agents.job WHERE kind = 'drain.renew'`,
  );
  await house.sql(
    `INSERT INTO agents.job_log (job, at, dispatch, level, line)
     SELECT id, created_at, 1, 'info', 'waits' FROM agents.job WHERE kind = 'drain.renew'`,
  );
  await house.sql(
    `UPDATE agents.job SET state = 'dead', ended_at = created_at
      WHERE id = (SELECT id FROM agents.job WHERE kind = 'drain.renew' LIMIT 1)`,
  );
}

async function prune(): Promise<{ rows: number; batches: number }> {
  const job = await runSchedule(house.database, 'sync.prune');
  const text = `SELECT result FROM agents.job_listing WHERE id = $1 AND state = 'done'`;
  const row = async () => (await house.sql<{ result: { rows: number; batches: number } }>(text, [job]))[0];
  return (await until(row, { within: 60_000, what: 'the pruning' })).result;
}

const rowsOf = async (text: string) =>
  Number((await house.sql<{ n: string }>(`SELECT count(*) AS n FROM ${text}`))[0]?.n);

describe('history older than OUTBOX_RETENTION_DAYS', () => {
  it('goes in small batches while claims go on, and of what is unfinished nothing goes, however old', async () => {
    await history(OLD, 31);
    await history(100, 29);
    await unfinished();
    await house.startDrain();
    const pruned = prune();
    const left = () => rowsOf(`agents.job_finished WHERE kind = 'drain.copy'`);
    await until(async () => (await left()) < OLD + 100, { within: 30_000, what: 'the first batch' });
    await house.handOver('notify', 50);
    await house.drainedOf('notify');

    const { rows, batches } = await pruned;
    expect(rows).toBe(OLD);
    expect(batches).toBeGreaterThanOrEqual(4); // a thousand rows at a time
    expect(await left()).toBe(100);
    expect(await rowsOf(`agents.job WHERE kind = 'drain.renew'`)).toBe(UNFINISHED);
    expect(await rowsOf(`agents.attempt WHERE kind = 'drain.renew'`)).toBe(UNFINISHED);
    expect(await rowsOf(`agents.job_log WHERE line = 'waits'`)).toBe(UNFINISHED);
    const [waited] = await house.sql<{ ms: number }>(
      `SELECT max(date_part('epoch', started_at - run_at) * 1000) AS ms FROM agents.job_listing WHERE kind = 'drain.notify'`,
    );
    expect(waited!.ms).toBeLessThan(10_000);
  });
});
