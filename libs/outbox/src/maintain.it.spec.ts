import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '@nexora/database';
import { anyKind, Shop } from './shop.conformance.ts';

const quick = anyKind('quick');
const error = { code: 'test.failed' };

let shop: Shop;
let sync: Database; // the agent that keeps the ledger
beforeAll(async () => {
  shop = await Shop.open([quick]);
  sync = await shop.as('sync');
});
afterEach(() => shop.empty());
afterAll(() => shop.close());

const call = async (text: string) => (await sync.query<{ n: number }>({ text: `SELECT agents.${text} AS n` }))[0]!.n;
const partitions = async (parent: string) =>
  (
    await shop.sql<{ name: string }>(
      `SELECT relid::text AS name FROM pg_partition_tree('agents.${parent}') WHERE isleaf ORDER BY 1`,
    )
  ).map(({ name }) => name.replace('agents.', ''));

/** Prunes until nothing is left to prune; answers how many rows each call removed. */
async function prune(age: string, batch: number): Promise<number[]> {
  const steps: number[] = [];
  for (let n = await call(`prune('${age}', ${batch})`); n > 0; n = await call(`prune('${age}', ${batch})`))
    steps.push(n);
  return steps;
}

/** A job that has ended well, some days before today. */
async function finishedJob(daysAgo: number, options = {}): Promise<string> {
  await shop.moveClock(`-${daysAgo} days`);
  await shop.sql('UPDATE agents.clock_mark SET mark = agents.now()');
  const worker = await shop.worker();
  const id = await shop.enqueue(quick, {}, options);
  await shop.ledger.finish(worker, await shop.claimOne(worker, quick));
  await shop.moveClock(null);
  return id;
}

describe('partitions', () => {
  it('of this week and the next four are there, and one that takes everything else', async () => {
    await call('maintain()');
    for (const parent of ['job_finished', 'attempt', 'job_log']) {
      const names = await partitions(parent);
      expect(names).toContain(`${parent}_default`);
      expect(names.length).toBeGreaterThanOrEqual(6);
    }
  });

  it('are never missing for a finish: a week without one goes to the default and moves when its own is made', async () => {
    await shop.moveClock('300 days');
    const worker = await shop.worker();
    const id = await shop.enqueue(quick);
    await shop.ledger.retry(worker, await shop.claimOne(worker, quick), { delayMs: 0, error, maxAttempts: null });
    await shop.ledger.finish(worker, await shop.claimOne(worker, quick), { ok: true });
    expect(await inPartition('job_finished', 'id', id)).toBe('job_finished_default');
    await call('maintain()');
    expect(await inPartition('job_finished', 'id', id)).toMatch(/^job_finished_20\d{6}$/);
    expect(await inPartition('attempt', 'job', id)).toMatch(/^attempt_20\d{6}$/);
    expect(await shop.row(id)).toMatchObject({ state: 'done', result: { ok: true } });
  });

  it('are made by one process at a time, and made again without harm', async () => {
    await shop.moveClock('600 days');
    await Promise.all(Array.from({ length: 5 }, () => call('maintain()')));
    const before = await partitions('job_finished');
    await call('maintain()');
    expect(await partitions('job_finished')).toEqual(before);
  });

  it('wait while a backup reads the table, and finishing goes on meanwhile', async () => {
    await shop.moveClock('900 days');
    const backup = await shop.session(shop.database.url);
    await backup.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await backup.query('SELECT count(*) FROM agents.job_finished');
    const before = await partitions('job_finished');
    await call('maintain()');
    expect(await partitions('job_finished')).toEqual(before);
    const worker = await shop.worker();
    await shop.enqueue(quick);
    await shop.ledger.finish(worker, await shop.claimOne(worker, quick));
    await backup.query('COMMIT');
    await backup.end();
    await call('maintain()');
    expect((await partitions('job_finished')).length).toBe(before.length + 5);
  });

  async function inPartition(parent: string, column: string, id: string): Promise<string> {
    const [row] = await shop.sql<{ name: string }>(
      `SELECT tableoid::regclass::text AS name FROM agents.${parent} WHERE ${column} = $1`,
      [id],
    );
    return row!.name.replace('agents.', '');
  }
});

describe('pruning', () => {
  it('removes finished jobs that are older, in small batches, and frees their dedupe keys', async () => {
    const old: string[] = [];
    for (const n of [1, 2, 3, 4, 5]) old.push(await finishedJob(40, { dedupeKey: `sale ${n}` }));
    const young = await finishedJob(10, { dedupeKey: 'sale 9' });
    const steps = await prune('30 days', 2);
    expect(steps.length).toBeGreaterThan(2);
    for (const id of old) await expect(shop.row(id)).rejects.toThrow('does not know');
    expect(await shop.stateOf(young)).toBe('done');
    expect(await shop.enqueue(quick, {}, { dedupeKey: 'sale 9' })).toBe(young);
    expect(await shop.enqueue(quick, {}, { dedupeKey: 'sale 1' })).not.toBe(old[0]);
    expect(await shop.sql('SELECT count(*)::int AS n FROM agents.dedupe')).toEqual([{ n: 2 }]);
  });

  it('drops whole weeks that are older, and does not walk through them', async () => {
    await shop.moveClock('-70 days');
    await shop.sql('UPDATE agents.clock_mark SET mark = agents.now()');
    await call('maintain()');
    await shop.moveClock(null);
    for (let i = 0; i < 3; i += 1) await finishedJob(65);
    const weeks = () => Promise.all(['job_finished', 'attempt', 'job_log'].map(partitions)).then((all) => all.flat());
    const before = await weeks();
    expect(await call(`prune('30 days', 1)`)).toBeGreaterThan(0);
    expect(await weeks()).toHaveLength(before.length - 1); // one lock at a time
    const steps = await prune('30 days', 1);
    expect(await weeks()).toHaveLength(before.length - 1 - steps.length);
    expect(await shop.sql('SELECT count(*)::int AS n FROM agents.job_finished')).toEqual([{ n: 0 }]);
  });

  it('never touches what is unfinished, nor its story: a dead letter of last year is still there', async () => {
    await shop.moveClock('-400 days');
    await shop.sql('UPDATE agents.clock_mark SET mark = agents.now()');
    await call('maintain()');
    const worker = await shop.worker();
    const [dead, doubtful, waiting] = await shop.enqueueMany(quick, 3);
    const [first, second, third] = await shop.claim(worker, quick, 3);
    await shop.ledger.log(worker, first!, { level: 'info', line: 'last year' });
    await shop.ledger.bury(worker, first!, error);
    await shop.ledger.doubt(worker, second!, error);
    await shop.ledger.retry(worker, third!, { delayMs: 0, error, maxAttempts: null });
    await shop.moveClock(null);
    await prune('30 days', 1);
    expect(await shop.stateOf(dead!)).toBe('dead');
    expect(await shop.stateOf(doubtful!)).toBe('in_doubt');
    expect(await shop.stateOf(waiting!)).toBe('pending');
    for (const id of [dead!, doubtful!, waiting!]) expect(await shop.attemptsOf(id)).toHaveLength(1);
    expect(await shop.sql('SELECT line FROM agents.job_logs')).toEqual([{ line: 'last year' }]);
    expect((await partitions('attempt')).filter((name) => name.startsWith('attempt_2025'))).toEqual([]);
  });

  it('leaves out a week that a backup reads, and takes it the next time', async () => {
    await shop.moveClock('-70 days');
    await shop.sql('UPDATE agents.clock_mark SET mark = agents.now()');
    await call('maintain()');
    await shop.moveClock(null);
    await finishedJob(65);
    const backup = await shop.session(shop.database.url);
    await backup.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await backup.query('SELECT count(*) FROM agents.job_finished');
    await prune('30 days', 100);
    const names = await partitions('job_finished');
    await backup.query('COMMIT');
    await backup.end();
    await prune('30 days', 100);
    expect((await partitions('job_finished')).length).toBeLessThan(names.length);
  });

  it('refuses an age or a batch that makes no sense', async () => {
    await expect(call(`prune('-1 day', 10)`)).rejects.toMatchObject({ code: 'NX004' });
    await expect(call(`prune('1 day', 0)`)).rejects.toMatchObject({ code: 'NX004' });
  });
});
