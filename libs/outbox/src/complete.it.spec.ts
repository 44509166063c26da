import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ClaimedJob, StaleFence } from './index.ts';
import { anyKind, Shop } from './shop.conformance.ts';

const quick = anyKind('quick');
const once = anyKind('once', { delivery: 'at-most-once' });
const error = { code: 'test.failed', detail: 'It failed.' };

let shop: Shop;
let worker: string;
beforeAll(async () => {
  shop = await Shop.open([quick, once]);
  await shop.sql('CREATE TABLE public.sale (id int PRIMARY KEY, stamped int NOT NULL DEFAULT 0)');
  await shop.sql('INSERT INTO public.sale SELECT generate_series(1, 3)');
  await shop.sql('GRANT ALL ON public.sale TO PUBLIC');
  await shop.sql(`CREATE FUNCTION public.stamp(which int) RETURNS int LANGUAGE sql AS
                  $$ UPDATE public.sale SET stamped = stamped + 1 WHERE id = which RETURNING stamped $$`);
});
beforeEach(async () => {
  worker = await shop.worker();
  await shop.sql('UPDATE public.sale SET stamped = 0');
});
afterEach(() => shop.empty());
afterAll(() => shop.close());

const one = async (kind = quick): Promise<ClaimedJob> => {
  await shop.enqueue(kind);
  return shop.claimOne(worker, kind);
};
const stamped = async () => (await shop.sql<{ n: number }>('SELECT sum(stamped)::int AS n FROM public.sale'))[0]!.n;
const effect = { name: 'sale', text: 'UPDATE public.sale SET stamped = stamped + 1 WHERE id = $1', values: [1] };

describe('a job that ends well', () => {
  it('leaves the hot table with its result, and its story tells that it is done', async () => {
    const job = await one();
    await shop.ledger.finish(worker, job, { uuid: 'x' });
    expect(await shop.row(job.id)).toMatchObject({ state: 'done', attempts: 1, result: { uuid: 'x' } });
    expect(await shop.sql('SELECT id FROM agents.job')).toEqual([]);
    expect(await shop.attemptsOf(job.id)).toMatchObject([{ outcome: 'done', number: 1, counted: true }]);
  });

  it('is written twice in all after it was handed over: by the claim and by its end', async () => {
    await shop.enqueue(quick);
    const counts = {
      text: `SELECT regexp_replace(c.relname, '_[0-9]+$', '') AS name,
                    (pg_stat_get_xact_tuples_inserted(c.oid) + pg_stat_get_xact_tuples_updated(c.oid)
                     + pg_stat_get_xact_tuples_deleted(c.oid))::int AS n
               FROM pg_class c WHERE c.relnamespace = 'agents'::regnamespace AND c.relkind = 'r' ORDER BY c.relname`,
    };
    const written = await shop.db.transaction(async (tx) => {
      const before = await tx.query<{ name: string; n: number }>(counts);
      const claim = { text: 'SELECT id, dispatch FROM agents.claim($1, $2, 1)', values: [worker, 'cfdi.quick'] };
      const [job] = await tx.query<{ id: string; dispatch: number }>(claim);
      await tx.query({ text: 'SELECT agents.finish($1, $2, $3)', values: [job!.id, job!.dispatch, worker] });
      const after = await tx.query<{ name: string; n: number }>(counts);
      return after.map(({ name, n }, i) => ({ name, n: n - before[i]!.n })).filter(({ n }) => n > 0);
    });
    // The claim updates the row; its end deletes it here and inserts it there, in one statement.
    expect(written).toEqual([
      { name: 'job', n: 2 },
      { name: 'job_finished', n: 1 },
    ]);
  });

  it('commits together with its effect in one statement', async () => {
    const job = await one();
    await shop.ledger.finish(worker, job, null, effect);
    expect([await shop.stateOf(job.id), await stamped()]).toEqual(['done', 1]);
  });

  it('commits together with an effect that is a function call, or an insert that answers rows', async () => {
    const [first, second] = [await one(), await one()];
    await shop.ledger.finish(worker, first, null, { text: 'SELECT public.stamp($1)', values: [2] });
    const insert = 'INSERT INTO public.sale (id, stamped) VALUES ($1, 1) RETURNING id';
    await shop.ledger.finish(worker, second, null, { text: insert, values: [99] });
    expect(await stamped()).toBe(2);
    await shop.sql('DELETE FROM public.sale WHERE id = 99');
  });

  it('refuses an effect that cannot be joined into one statement', async () => {
    const job = await one();
    const two = shop.ledger.finish(worker, job, null, { text: 'CALL something()' });
    await expect(two).rejects.toThrow('one INSERT, UPDATE, DELETE or SELECT');
    expect(await shop.stateOf(job.id)).toBe('running');
  });

  it('takes its effect back when the row was not its any more', async () => {
    const job = await one();
    await shop.ledger.finish(worker, job, null, effect);
    await expect(shop.ledger.finish(worker, job, null, effect)).rejects.toBeInstanceOf(StaleFence);
    await expect(shop.ledger.finish(worker, { ...job, dispatch: 7 }, null, effect)).rejects.toBeInstanceOf(StaleFence);
    expect(await stamped()).toBe(1);
  });

  it('stays unfinished when its effect fails', async () => {
    const job = await one();
    const broken = { text: 'UPDATE public.sale SET id = 1 WHERE id = 2' };
    await expect(shop.ledger.finish(worker, job, null, broken)).rejects.toMatchObject({ code: '23505' });
    expect(await shop.stateOf(job.id)).toBe('running');
  });

  it('is finished with many others in one statement, each by its own fence', async () => {
    await shop.enqueueMany(quick, 5);
    const jobs = await shop.claim(worker, quick, 5);
    const stranger = await shop.worker();
    await shop.ledger.finish(worker, jobs[0]!);
    const given = jobs.map((job, i) => ({ ...job, dispatch: i === 1 ? 9 : 1, result: { i } }));
    const accepted = await shop.ledger.finishMany(worker, given);
    expect(accepted.sort()).toEqual(
      jobs
        .slice(2)
        .map(({ id }) => id)
        .sort(),
    );
    expect(await shop.ledger.finishMany(stranger, given)).toEqual([]);
    expect((await shop.row(jobs[3]!.id)).result).toEqual({ i: 3 });
    expect(await shop.stateOf(jobs[1]!.id)).toBe('running');
    expect(await shop.ledger.finishMany(worker, [])).toEqual([]);
  });
});

describe('a failed attempt', () => {
  it('counts and comes back after its wait, until its attempts are used up', async () => {
    const id = await shop.enqueue(quick);
    for (const attempt of [1, 2]) {
      const job = await shop.claimOne(worker, quick);
      expect(job.attempts).toBe(attempt - 1);
      expect(await shop.ledger.retry(worker, job, { delayMs: 60_000, error, maxAttempts: 3 })).toBe('pending');
      expect(await shop.claim(worker, quick)).toEqual([]);
      await shop.moveClock(`${attempt * 61} s`);
    }
    const last = await shop.claimOne(worker, quick);
    expect(await shop.ledger.retry(worker, last, { delayMs: 60_000, error, maxAttempts: 3 })).toBe('dead');
    expect(await shop.row(id)).toMatchObject({ state: 'dead', attempts: 3, last_error: { ...error, exhausted: true } });
    expect(await shop.attemptsOf(id)).toMatchObject([{ outcome: 'retry' }, { outcome: 'retry' }, { outcome: 'dead' }]);
  });

  it('of a job with unlimited attempts never kills it', async () => {
    const id = await shop.enqueue(quick);
    for (let i = 0; i < 30; i += 1) {
      await shop.ledger.retry(worker, await shop.claimOne(worker, quick), { delayMs: 0, error, maxAttempts: null });
    }
    expect(await shop.row(id)).toMatchObject({ state: 'pending', attempts: 30 });
  });

  it('that said later, or was handed back, counts nothing', async () => {
    const id = await shop.enqueue(quick);
    const job = await shop.claimOne(worker, quick);
    expect(await shop.ledger.later(worker, job, { delayMs: 5_000, reason: { code: 'agents.offline' } })).toBe(
      'pending',
    );
    expect(await shop.row(id)).toMatchObject({ attempts: 0, last_error: { code: 'agents.offline' } });
    await shop.moveClock('6 s');
    expect(await shop.ledger.handBack(worker, [await shop.claimOne(worker, quick)])).toBe(1);
    expect(await shop.row(id)).toMatchObject({ state: 'pending', attempts: 0, alone: false });
    expect(await shop.claim(worker, quick)).toHaveLength(1); // at once: its time had come before
    expect(await shop.attemptsOf(id)).toMatchObject([
      { outcome: 'later', counted: false },
      { outcome: 'handed_back', counted: false },
    ]);
  });

  it('never waits longer than ten years, whatever it asked for', async () => {
    const [first, second] = [await one(), await one()];
    const delayMs = 8.64e15;
    await shop.ledger.retry(worker, first, { delayMs, error, maxAttempts: null });
    await shop.ledger.later(worker, second, { delayMs: Infinity, reason: error });
    for (const { id } of [first, second]) {
      const years = ((await shop.row(id)).run_at.getTime() - Date.now()) / (365.25 * 86_400_000);
      expect(years).toBeCloseTo(10, 1);
    }
  });

  it('that cannot succeed is dead at once, with its reason', async () => {
    const job = await one();
    await shop.ledger.bury(worker, job, { code: 'cfdi.invalid', faults: ['Emisor'] });
    expect(await shop.row(job.id)).toMatchObject({ state: 'dead', attempts: 1, last_error: { code: 'cfdi.invalid' } });
  });

  it('is brought back by one call, from the first attempt', async () => {
    const job = await one();
    await shop.ledger.bury(worker, job, error);
    expect(await shop.ledger.retryJob(job.id)).toBe('pending');
    expect(await shop.row(job.id)).toMatchObject({ state: 'pending', attempts: 0 });
    const again = await shop.claimOne(worker, quick);
    expect(await shop.ledger.retryJob(job.id)).toBe('running');
    await shop.ledger.finish(worker, again);
    expect(await shop.ledger.retryJob(job.id)).toBe('done');
    expect(await shop.ledger.retryJob(worker)).toBe('unknown');
  });

  it('that waits for its next try is made due by the same call, and keeps its count', async () => {
    const job = await one();
    await shop.ledger.retry(worker, job, { delayMs: 3_600_000, error, maxAttempts: 5 });
    expect(await shop.ledger.retryJob(job.id)).toBe('pending');
    expect(await shop.claimOne(worker, quick)).toMatchObject({ id: job.id, attempts: 1 });
  });

  it('of many jobs is brought back together', async () => {
    await shop.enqueueMany(quick, 3);
    const jobs = await shop.claim(worker, quick, 3);
    for (const job of jobs.slice(0, 2)) await shop.ledger.bury(worker, job, error);
    const [row] = await shop.db.query<{ back: string[] }>({
      text: 'SELECT agents.retry_jobs($1) AS back',
      values: [jobs.map(({ id }) => id)],
    });
    expect(row!.back.sort()).toEqual(
      jobs
        .slice(0, 2)
        .map(({ id }) => id)
        .sort(),
    );
  });
});

describe('an intent', () => {
  it('is on record before anything goes out and travels with the row', async () => {
    const job = await one();
    await shop.ledger.intend(worker, job, { key: 'stamp 1', requestHash: 'abc' });
    await shop.ledger.retry(worker, job, { delayMs: 0, error, maxAttempts: null });
    const again = await shop.claimOne(worker, quick);
    expect(again.intent).toMatchObject({ key: 'stamp 1', requestHash: 'abc' });
    expect(again.intent!.since.getTime()).toBeLessThanOrEqual(Date.now());
    await shop.ledger.settle(worker, again, 'not stamped');
    expect((await shop.row(job.id)).intent).toBeNull();
    expect(await shop.sql('SELECT key, outcome, dispatch FROM agents.intents')).toEqual([
      { key: 'stamp 1', outcome: 'not stamped', dispatch: 1 },
    ]);
  });

  it('goes with what has to be written first: both in one statement, which answers what that gave', async () => {
    const job = await one();
    const stamp = { name: 'stamp', text: 'SELECT public.stamp($1) AS n', values: [2] };
    expect(await shop.ledger.intendWith(worker, job, { key: 'stamp 1', requestHash: 'abc' }, stamp)).toEqual([
      { n: 1 },
    ]);
    expect(await shop.ledger.intendWith(worker, job, { key: 'stamp 2' }, stamp)).toEqual([{ n: 2 }]);
    expect((await shop.row(job.id)).intent).toMatchObject({ key: 'stamp 2', requestHash: null });
    expect(await stamped()).toBe(2);
  });

  it('is not on record when what goes with it fails', async () => {
    const job = await one();
    const broken = { text: 'SELECT public.stamp($1) / 0', values: [2] };
    await expect(shop.ledger.intendWith(worker, job, { key: 'k' }, broken)).rejects.toThrow();
    expect([(await shop.row(job.id)).intent, await stamped()]).toEqual([null, 0]);
  });

  it('locks the job before the rows that go with it, as everybody does', async () => {
    const job = await one();
    const order = `CREATE FUNCTION public.is_open() RETURNS boolean LANGUAGE sql SECURITY DEFINER AS
                   $$ SELECT intent IS NOT NULL FROM agents.job $$`;
    await shop.sql(order);
    const look = { text: 'SELECT public.is_open() AS seen' };
    expect(await shop.ledger.intendWith(worker, job, { key: 'k' }, look)).toEqual([{ seen: true }]);
  });

  it('takes nothing but a SELECT with it', async () => {
    const job = await one();
    await expect(async () => shop.ledger.intendWith(worker, job, { key: 'k' }, effect)).rejects.toThrow(TypeError);
  });

  it('needs a key', async () => {
    await expect(shop.ledger.intend(worker, await one(), { key: '' })).rejects.toMatchObject({
      code: 'agents.bad-argument',
    });
  });

  it.each([
    [
      'fails',
      'in_doubt',
      (job: ClaimedJob) => shop.ledger.retry(worker, job, { delayMs: 0, error, maxAttempts: null }),
    ],
    ['is handed back', 'in_doubt', (job: ClaimedJob) => shop.ledger.handBack(worker, [job])],
    ['is lost with its worker', 'in_doubt', () => shop.lose(worker)],
    [
      'says that nothing went out',
      'pending',
      (job: ClaimedJob) => shop.ledger.later(worker, job, { delayMs: 0, reason: error }),
    ],
  ] as const)('of an at-most-once kind: the job %s and is %s', async (_what, state, end) => {
    const job = await one(once);
    await shop.ledger.intend(worker, job, { key: 'pay 1' });
    await end(job);
    expect(await shop.row(job.id)).toMatchObject({ state, intent: state === 'in_doubt' ? { key: 'pay 1' } : null });
  });

  it('of a job in doubt is handed to the handler when a person asks for the job again', async () => {
    const job = await one(once);
    await shop.ledger.intend(worker, job, { key: 'pay 1' });
    await shop.ledger.doubt(worker, job, { code: 'agents.in-doubt' });
    expect(await shop.claim(worker, once)).toEqual([]);
    expect(await shop.ledger.retryJob(job.id)).toBe('pending');
    expect((await shop.claimOne(worker, once)).intent).toMatchObject({ key: 'pay 1' });
  });
});

describe('while it runs', () => {
  it('a job shows how far it is, within bounds', async () => {
    const job = await one();
    await shop.ledger.progress(worker, job, 1.7, 'casi');
    expect(await shop.row(job.id)).toMatchObject({ progress_fraction: 1, progress_phrase: 'casi' });
    await shop.ledger.retry(worker, job, { delayMs: 0, error, maxAttempts: null });
    expect(await shop.row(job.id)).toMatchObject({ progress_fraction: null, progress_phrase: null });
  });

  it('a job keeps a log of its own, which has an end', async () => {
    const job = await one();
    const line = (n: number) => shop.ledger.log(worker, job, { level: 'info', line: `line ${n}`, fields: { n } });
    for (let n = 1; n < 200; n += 1) expect(await line(n)).toBe(true);
    expect(await line(200)).toBe(false);
    expect(await line(201)).toBe(false);
    const lines = await shop.sql<{ line: string }>('SELECT line FROM agents.job_logs WHERE job = $1 ORDER BY at', [
      job.id,
    ]);
    expect(lines).toHaveLength(200);
    expect(lines.at(-1)!.line).toContain('full');
  });
});
