import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Heads, type ClaimedJob } from './index.ts';
import { anyKind, Shop } from './shop.conformance.ts';

const quick = anyKind('quick');
const once = anyKind('once', { delivery: 'at-most-once' });
const few = anyKind('few', { total: 3 });

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open([quick, once, few]);
});
afterEach(() => shop.empty());
afterAll(() => shop.close());

const ids = (claimed: readonly ClaimedJob[]) => claimed.map(({ id }) => id);
const numbers = (claimed: readonly ClaimedJob[]) => claimed.map(({ payload }) => (payload as { n: number }).n);

describe('a claim', () => {
  it('answers what a handler needs, counts the dispatch and names the worker', async () => {
    const worker = await shop.worker('till 1');
    const options = { priority: 'high', scope: 'EKU9003173C9', traceparent: '00-a-b-01' } as const;
    const id = await shop.enqueue(quick, { n: 7 }, options);
    const job = await shop.claimOne(worker, quick);
    expect(job).toMatchObject({
      id,
      kind: 'cfdi.quick',
      payload: { n: 7 },
      priority: 'high',
      dispatch: 1,
      attempts: 0,
    });
    expect(job).toMatchObject({ alone: false, losses: 0, intent: null, slot: null, ...options });
    expect(await shop.row(id)).toMatchObject({ state: 'running', instance: 'till 1', dispatch: 1 });
  });

  it('takes the most urgent first, within a priority the oldest, and never more than asked for', async () => {
    const worker = await shop.worker();
    for (const priority of ['low', 'default', 'high', 'critical'] as const) {
      await shop.enqueue(quick, { n: `${priority} 1` }, { priority });
      await shop.enqueue(quick, { n: `${priority} 2` }, { priority });
    }
    expect(numbers(await shop.claim(worker, quick, 3))).toEqual(['critical 1', 'critical 2', 'high 1']);
    expect(numbers(await shop.claim(worker, quick, 3))).toEqual(['high 2', 'default 1', 'default 2']);
    expect(numbers(await shop.claim(worker, quick, 3))).toEqual(['low 1', 'low 2']);
    expect(await shop.claim(worker, quick, 3)).toEqual([]);
  });

  it('leaves alone what is not due yet', async () => {
    const worker = await shop.worker();
    await shop.enqueue(quick, {}, { runAt: new Date(Date.now() + 3_600_000) });
    expect(await shop.claim(worker, quick)).toEqual([]);
    await shop.moveClock('61 min');
    expect(await shop.claim(worker, quick)).toHaveLength(1);
  });

  it('finds a row from before 1970 with and without hints: a clock may be wrong', async () => {
    const worker = await shop.worker();
    for (const heads of [undefined, new Heads(() => 0)]) {
      const id = await shop.enqueue(quick);
      await shop.sql(`UPDATE agents.job SET run_at = '1900-01-01Z' WHERE id = $1`, [id]);
      const hints = heads === undefined ? {} : { heads };
      expect(ids(await shop.ledger.claim({ incarnation: worker, kind: 'cfdi.quick', max: 9, ...hints }))).toEqual([id]);
    }
  });

  it('by run_at takes the oldest of every priority, so that low never starves', async () => {
    const worker = await shop.worker();
    await shop.enqueueEarlier(quick, 3, { n: 'low, 3 min' }, { priority: 'low' });
    await shop.enqueueEarlier(quick, 1, { n: 'critical, 1 min' }, { priority: 'critical' });
    await shop.enqueueEarlier(quick, 2, { n: 'default, 2 min' });
    await shop.enqueue(quick, { n: 'critical, now' }, { priority: 'critical' });
    const request = { incarnation: worker, kind: quick.kind.name, max: 2, byRunAt: true };
    const first = await shop.ledger.claim(request);
    expect(numbers(first).sort()).toEqual(['default, 2 min', 'low, 3 min']);
    expect(numbers(await shop.ledger.claim(request))).toEqual(['critical, 1 min', 'critical, now']);
  });

  it('by run_at comes back short only when nothing is left, also while others hold the oldest', async () => {
    const [one, two] = [await shop.worker(), await shop.worker()];
    await shop.enqueueMany(quick, 10);
    const client = await shop.session();
    await client.query('BEGIN');
    await client.query(`SELECT agents.claim($1, 'cfdi.quick', 5)`, [one]);
    const claimed = await shop.ledger.claim({ incarnation: two, kind: 'cfdi.quick', max: 5, byRunAt: true });
    expect(claimed).toHaveLength(5);
    await client.query('ROLLBACK');
    await client.end();
  });

  it('of two replicas never takes a row that the other has', async () => {
    const workers = await Promise.all([shop.worker(), shop.worker(), shop.worker(), shop.worker()]);
    await shop.enqueueMany(quick, 400);
    const claims = workers.flatMap((worker) => Array.from({ length: 12 }, () => shop.claim(worker, quick, 10)));
    const taken = (await Promise.all(claims)).flatMap(ids);
    const left = (await shop.claim(workers[0]!, quick, 400)).map(({ id }) => id);
    expect(new Set([...taken, ...left]).size).toBe(400);
    expect(taken.length + left.length).toBe(400);
  });

  it('waits for nobody: rows that another transaction has locked are passed over', async () => {
    const worker = await shop.worker();
    const [first] = await shop.enqueueMany(quick, 2);
    const client = await shop.session(shop.database.url);
    await client.query('BEGIN');
    await client.query('SELECT FROM agents.job WHERE id = $1 FOR UPDATE', [first]);
    expect(await shop.claim(worker, quick)).toHaveLength(1);
    await client.query('ROLLBACK');
    await client.end();
    expect(ids(await shop.claim(worker, quick))).toEqual([first]);
  });

  it('is refused to a worker that the ledger does not know, or that has said goodbye', async () => {
    await shop.enqueue(quick);
    await expect(shop.claim(randomUUID(), quick)).rejects.toMatchObject({ name: 'WorkerLost' });
    const worker = await shop.worker();
    await shop.ledger.stopWorker(worker);
    await expect(shop.claim(worker, quick)).rejects.toMatchObject({ name: 'WorkerLost' });
  });

  it('commits asynchronously, except where a lost claim could do harm', async () => {
    const worker = await shop.worker();
    const durability = async (kind: typeof quick, claim: string) => {
      await shop.enqueue(kind);
      return shop.db.transaction(async (tx) => {
        await tx.query({ text: claim, values: [worker, kind.kind.name] });
        const [row] = await tx.query<{ v: string }>({ text: `SELECT current_setting('synchronous_commit') AS v` });
        return row!.v;
      });
    };
    const claim = 'SELECT agents.claim($1, $2, 1)';
    expect(await durability(quick, claim)).toBe('off');
    expect(await durability(once, claim)).toBe('on');
    expect(await durability(few, claim)).toBe('on');
    expect(await durability(quick, 'SELECT agents.poll($1, ARRAY[$2], ARRAY[1])')).toBe('off');
    expect(await durability(once, `SELECT agents.poll($1, ARRAY['cfdi.quick', $2], ARRAY[1, 1])`)).toBe('on');
    // The poll over both: the durable kind decides for the whole commit.
    await shop.enqueue(quick);
    expect(await durability(once, `SELECT agents.poll($1, ARRAY['cfdi.quick', $2], ARRAY[1, 1])`)).toBe('on');
    await shop.lose(worker);
    const next = await shop.worker();
    await shop.db.transaction(async (tx) => {
      const rows = await tx.query({ text: `SELECT * FROM agents.claim_alone($1, '{cfdi.quick}')`, values: [next] });
      const [row] = await tx.query<{ v: string }>({ text: `SELECT current_setting('synchronous_commit') AS v` });
      expect([rows.length, row!.v]).toEqual([1, 'on']);
    });
  });
});

describe('the poll', () => {
  it('claims over all kinds in one statement, each as many as it has free slots', async () => {
    const worker = await shop.worker();
    await shop.enqueueMany(quick, 5);
    await shop.enqueueMany(once, 5);
    const { jobs, aloneWaits } = await shop.ledger.poll(worker, [
      { kind: quick.kind.name, max: 2 },
      { kind: once.kind.name, max: 3 },
    ]);
    expect(jobs.map(({ kind }) => kind).sort()).toEqual([
      ...Array(3).fill('cfdi.once'),
      ...Array(2).fill('cfdi.quick'),
    ]);
    expect(aloneWaits).toBe(false);
  });

  it('claims nothing and says nothing when nothing is due', async () => {
    const worker = await shop.worker();
    expect(await shop.ledger.poll(worker, [{ kind: quick.kind.name, max: 2 }])).toEqual({
      jobs: [],
      aloneWaits: false,
    });
    expect(await shop.ledger.poll(worker, [])).toEqual({ jobs: [], aloneWaits: false });
  });
});

describe('hints where the head of the queue is', () => {
  it('spare a claim the dead entries that an open snapshot keeps, thousands of them', async () => {
    const worker = await shop.worker();
    const snapshot = await shop.session(shop.database.url);
    await snapshot.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await snapshot.query('SELECT count(*) FROM agents.job');
    await shop.enqueueMany(quick, 6_000);
    const heads = new Heads(() => 0);
    const claim = () => shop.ledger.claim({ incarnation: worker, kind: 'cfdi.quick', max: 100, heads });
    for (let i = 0; i < 50; i += 1) {
      const jobs = await claim();
      expect(jobs).toHaveLength(100);
      await shop.ledger.finishMany(worker, jobs);
    }
    const head = heads.of('cfdi.quick', 2)!;
    const without = await entriesRead('NULL, NULL');
    const hinted = await entriesRead(
      `ARRAY[0, 0, ${head.dueMicros}, 0], ARRAY['${LOWEST}', '${LOWEST}', '${head.id}', '${LOWEST}']::uuid[]`,
    );
    await snapshot.query('COMMIT');
    await snapshot.end();
    expect(without).toBeGreaterThanOrEqual(5_010);
    expect(hinted).toBeLessThan(50);

    /** Entries of the queue's index that a claim of ten rows reads; it is undone afterwards. */
    async function entriesRead(hint: string): Promise<number> {
      const client = await shop.session();
      try {
        await client.query('BEGIN');
        const { rowCount } = await client.query(`SELECT agents.claim('${worker}', 'cfdi.quick', 10, ${hint})`);
        const { rows } = await client.query<{ n: number }>(
          `SELECT pg_stat_get_xact_tuples_returned('agents.job_pending'::regclass)::int AS n`,
        );
        await client.query('ROLLBACK');
        expect(rowCount).toBe(10);
        return rows[0]!.n;
      } finally {
        await client.end();
      }
    }
  });

  it('are dropped by a claim that came back short, so that what became due before the head is found', async () => {
    const worker = await shop.worker();
    const heads = new Heads(() => 0);
    const claim = (max: number) => shop.ledger.claim({ incarnation: worker, kind: 'cfdi.quick', max, heads });
    await shop.enqueueMany(quick, 3);
    expect(await claim(2)).toHaveLength(2);
    const early = await shop.enqueueEarlier(quick, 1);
    expect(ids(await claim(2))).not.toContain(early); // hidden before the head; one row only, so short
    expect(ids(await claim(2))).toEqual([early]);
  });

  it('are trusted for ten seconds at most', async () => {
    let now = 0;
    const worker = await shop.worker();
    const heads = new Heads(() => now);
    const claim = () => shop.ledger.claim({ incarnation: worker, kind: 'cfdi.quick', max: 1, heads });
    await shop.enqueueMany(quick, 5);
    expect(await claim()).toHaveLength(1);
    const early = await shop.enqueueEarlier(quick, 1);
    expect(ids(await claim())).not.toContain(early);
    now = 10_000;
    expect(ids(await claim())).toEqual([early]);
  });

  it('are exact to the microsecond: a row of the same moment is neither lost nor taken twice', async () => {
    const worker = await shop.worker();
    const heads = new Heads(() => 0);
    await shop.enqueueMany(quick, 50); // one statement, one moment
    const taken: string[] = [];
    for (let i = 0; i < 10; i += 1) {
      taken.push(...ids(await shop.ledger.claim({ incarnation: worker, kind: 'cfdi.quick', max: 5, heads })));
    }
    expect(new Set(taken).size).toBe(50);
  });

  it('serve the poll as well, kind by kind', async () => {
    const worker = await shop.worker();
    const heads = new Heads(() => 0);
    await shop.enqueueMany(quick, 6);
    await shop.enqueueMany(once, 6);
    const appetites = [once, quick].map(({ kind }) => ({ kind: kind.name, max: 3 }));
    const first = await shop.ledger.poll(worker, appetites, heads);
    const second = await shop.ledger.poll(worker, appetites, heads);
    expect(new Set([...ids(first.jobs), ...ids(second.jobs)]).size).toBe(12);
  });
});

const LOWEST = '00000000-0000-0000-0000-000000000000';
