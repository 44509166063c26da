import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StaleFence, type ClaimedJob } from '@nexora/outbox';
import { until } from '@nexora/testing';
import { GroupedFinishes } from './grouped-finishes.ts';
import { sampleKind, Workshop } from './workshop.conformance.ts';

const work = sampleKind('work', { delivery: 'at-least-once' });

let shop: Workshop;
let grouped: GroupedFinishes;
let incarnation: string;
beforeEach(async () => {
  shop = await Workshop.open();
  await shop.declare([work]);
  incarnation = randomUUID();
  await shop.ledger.startWorker({ incarnation, agent: 'sample', instance: 'test', about: {} });
  const settings = { url: shop.url, applicationName: 'grouped test' };
  grouped = new GroupedFinishes(settings, shop.ledger, () => performance.now());
  const text = 'CREATE TABLE note (n int PRIMARY KEY CHECK (n < 1000), tx xid8 DEFAULT pg_current_xact_id())';
  await shop.database.query({ text });
});
afterEach(async () => {
  await grouped.close();
  await shop.end();
});

/** So many rows that run here. */
async function running(count: number): Promise<ClaimedJob[]> {
  await shop.enqueueMany(work, count);
  return shop.ledger.claim({ incarnation, kind: work.name, max: count });
}

const INSERT = 'INSERT INTO note (n) VALUES ($1)';
const insert = (job: ClaimedJob, n: number) => grouped.finish(incarnation, job, { n }, { text: INSERT, values: [n] });
const insertAll = (jobs: readonly ClaimedJob[], from = 1) => jobs.map((job, i) => insert(job, from + i));
const transactions = async () =>
  Number((await shop.database.query<{ count: string }>({ text: 'SELECT count(DISTINCT tx) FROM note' }))[0]?.count);
const stored = async () =>
  (await shop.database.query<{ n: number }>({ text: 'SELECT n FROM note ORDER BY n' })).map(({ n }) => n);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const connections = async () =>
  (
    await shop.database.query({
      text: `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'grouped test finishes'`,
    })
  ).length;

describe('completions that are ready at the same moment', () => {
  it('commit together, each with its effect and its result', async () => {
    await Promise.all(insertAll(await running(60)));
    expect(await stored()).toEqual(range(1, 60));
    expect(await shop.count(`state = 'done' AND (result->>'n')::int BETWEEN 1 AND 60`)).toBe(60);
    expect(await transactions()).toBeLessThan(10);
  });

  it('are answered only when they are committed', async () => {
    const jobs = await running(30);
    const seen = await Promise.all(
      jobs.map(async (job, n) => {
        await insert(job, n);
        const rows = await shop.database.query({ text: 'SELECT FROM note WHERE n = $1', values: [n] });
        return [rows.length, await shop.state(job.id)];
      }),
    );
    expect(seen).toEqual(jobs.map(() => [1, 'done']));
  });

  it('fail for the guilty one alone, whose job goes on running', async () => {
    const jobs = await running(21);
    const outcomes = await Promise.allSettled(jobs.map((job, i) => insert(job, i === 20 ? 5_000 : i)));
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(await stored()).toEqual(range(0, 19));
    expect(await shop.state(jobs[20]!.id)).toBe('running');
    expect(await shop.count(`state = 'done'`)).toBe(20);
  });

  it('leave no effect of a job that is no longer this worker’s, and lose none of the others', async () => {
    const jobs = await running(20);
    const text = 'UPDATE agents.job SET dispatch = dispatch + 1 WHERE id = $1';
    await shop.database.query({ text, values: [jobs[7]!.id] });
    const outcomes = await Promise.allSettled(insertAll(jobs, 0));
    expect(outcomes[7]).toMatchObject({ status: 'rejected', reason: expect.any(StaleFence) as unknown });
    expect(await stored()).toEqual(range(0, 19).filter((n) => n !== 7));
    expect(await shop.count(`state = 'done'`)).toBe(19);
  });

  it('keep apart what runs under two incarnations', async () => {
    const first = await running(5);
    const mine = incarnation;
    incarnation = randomUUID();
    await shop.ledger.startWorker({ incarnation, agent: 'sample', instance: 'other', about: {} });
    const second = await running(5);
    const note = (job: ClaimedJob, of: string, n: number) => grouped.finish(of, job, {}, { text: INSERT, values: [n] });
    await Promise.all([
      ...first.map((job, i) => note(job, mine, i)),
      ...second.map((job, i) => note(job, incarnation, 10 + i)),
    ]);
    expect(await shop.count(`state = 'done'`)).toBe(10);
  });

  it('do not wait long for a row that somebody holds: the others commit meanwhile', async () => {
    const jobs = await running(21);
    await insert(jobs[20]!, 1);
    const holder = await shop.database.listen([], { onNotify: () => undefined });
    await holder.query({ text: 'BEGIN' });
    await holder.query({ text: 'UPDATE note SET n = n WHERE n = 1' });
    const effect = { text: 'UPDATE note SET tx = DEFAULT WHERE n = $1', values: [1] };
    const update = grouped.finish(incarnation, jobs[0]!, {}, effect);
    await Promise.all(jobs.slice(1, 20).map((job, i) => insert(job, 2 + i)));
    expect(await stored()).toEqual(range(1, 20));
    await holder.query({ text: 'COMMIT' });
    await update;
    await holder.close();
    expect(await shop.count(`state = 'done'`)).toBe(21);
  });

  it('are sent again when the connection breaks under them', async () => {
    await Promise.all(insertAll(await running(20)));
    const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'grouped test finishes'`;
    await shop.database.query({ text: kill });
    await Promise.all(insertAll(await running(40), 21));
    expect(await stored()).toEqual(range(1, 60));
  });
});

describe('a completion without company', () => {
  it('goes at once and alone, and opens no connection of its own', async () => {
    for (const [i, job] of (await running(5)).entries()) await insert(job, i);
    expect(await stored()).toEqual(range(0, 4));
    expect(await connections()).toBe(0);
  });
});

describe('the connections for groups', () => {
  it('are closed with it, and what comes later goes alone', async () => {
    const jobs = await running(50);
    await Promise.all(insertAll(jobs.slice(0, 40)));
    expect(await connections()).toBeGreaterThan(0);
    await grouped.close();
    await until(async () => (await connections()) === 0, { what: 'the connections to be closed' });
    await Promise.all(insertAll(jobs.slice(40), 41));
    expect(await stored()).toEqual(range(1, 50));
  });
});
