import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Ledger } from './index.ts';
import { anyKind, Shop } from './shop.conformance.ts';

const many = anyKind('many');
const rare = anyKind('rare');
const error = { code: 'pac.rejected', detail: 'CFDI40147' };

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open([many, rare]);
});
afterEach(() => shop.empty());
afterAll(() => shop.close());

const list = async (options: string) =>
  (await shop.db.query<{ id: string }>({ text: `SELECT id FROM agents.list_jobs(${options})` })).map(({ id }) => id);

describe('the listing', () => {
  it('shows hot and finished jobs together, newest first, page by page', async () => {
    const worker = await shop.worker();
    const ids = [...(await shop.enqueueMany(many, 4)), ...(await shop.enqueueMany(rare, 3))];
    await shop.ledger.finishMany(worker, await shop.claim(worker, many, 2));
    await shop.ledger.cancel(ids[5]!);
    const newest = [...ids].sort().reverse();
    expect(await list('n => 3')).toEqual(newest.slice(0, 3));
    expect(await list(`n => 3, before => '${newest[2]}'`)).toEqual(newest.slice(3, 6));
    expect(await list(`n => 3, before => '${newest[5]}'`)).toEqual(newest.slice(6));
    expect(await list(`state => 'cancelled'`)).toEqual([ids[5]]);
    expect(await list(`state => 'done'`)).toHaveLength(2);
    expect(await list(`state => 'pending', kind => 'cfdi.many'`)).toHaveLength(2);
    expect(await list(`agent => 'sync'`)).toEqual([]);
    await expect(list(`state => 'lost'`)).rejects.toMatchObject({ code: 'NX004' });
  });

  it('finds a job by its id, its keys, its scope and the code of its error', async () => {
    const worker = await shop.worker();
    const id = await shop.enqueue(rare, {}, { dedupeKey: 'sale 7', scope: 'EKU9003173C9' });
    await shop.enqueueMany(many, 3);
    await shop.ledger.bury(worker, await shop.claimOne(worker, rare), error);
    for (const q of [id, 'sale 7', 'EKU9003173C9', 'pac.rejected']) expect(await list(`q => '${q}'`)).toEqual([id]);
    expect(await list(`error_code => 'pac.rejected', state => 'dead'`)).toEqual([id]);
    expect(await list(`q => '${id}', state => 'done'`)).toEqual([]);
    expect(await list(`q => 'sale 8'`)).toEqual([]);
    expect(await list(`q => ''' OR true --'`)).toEqual([]);
  });

  it('costs the same over many jobs: a page reads what it shows', async () => {
    const worker = await shop.worker();
    await shop.enqueueMany(rare, 3);
    await shop.enqueueMany(many, 3_000);
    for (let jobs = await shop.claim(worker, many, 500); jobs.length > 0; jobs = await shop.claim(worker, many, 500)) {
      await shop.ledger.finishMany(worker, jobs);
    }
    await shop.ledger.finishMany(worker, await shop.claim(worker, rare, 3));
    await shop.sql('ANALYZE agents.job_finished');
    const read = async (options: string) => {
      const text = `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM agents.list_jobs(${options})`;
      await shop.admin.query({ text });
      const [row] = await shop.admin.query<{
        'QUERY PLAN': [{ Plan: { 'Shared Hit Blocks': number; 'Actual Rows': number } }];
      }>({ text });
      return row!['QUERY PLAN'][0].Plan;
    };
    const rarest = await read(`kind => 'cfdi.rare', n => 20`);
    const page = await read('n => 20');
    expect([rarest['Actual Rows'], page['Actual Rows']]).toEqual([3, 20]);
    expect(rarest['Shared Hit Blocks']).toBeLessThan(1_000);
    expect(page['Shared Hit Blocks']).toBeLessThan(1_500);
  });

  it('counts every agent and priority, zeros too', async () => {
    const worker = await shop.worker();
    await shop.enqueueMany(many, 3, 'high');
    await shop.enqueue(many, {}, { priority: 'high', runAt: new Date(Date.now() + 3_600_000) });
    const [job] = await shop.claim(worker, many, 2);
    await shop.ledger.finish(worker, job!);
    const rows = await shop.db.query({ text: `SELECT * FROM agents.queues() WHERE agent = 'cfdi'` });
    expect(rows).toHaveLength(4);
    expect(rows).toContainEqual(
      expect.objectContaining({
        priority: 'high',
        pending: '2',
        due: '1',
        running: '1',
        done_last_hour: '1',
        dead: '0',
      }),
    );
    expect(rows).toContainEqual(expect.objectContaining({ priority: 'low', pending: '0', oldest: null }));
    const backlog = await shop.db.query({ text: `SELECT * FROM agents.backlog('cfdi') ORDER BY state` });
    expect(backlog).toMatchObject([
      { kind: 'cfdi.many', state: 'pending', jobs: '2' },
      { kind: 'cfdi.many', state: 'running', jobs: '1' },
    ]);
  });

  it('tells when a job ended, and of one that waits again that it has not', async () => {
    const worker = await shop.worker();
    const id = await shop.enqueue(rare);
    const job = await shop.claimOne(worker, rare);
    await shop.ledger.retry(worker, job, { delayMs: 0, error, maxAttempts: null });
    expect(await shop.row(id)).toMatchObject({ state: 'pending', finished_at: null });
    await shop.ledger.bury(worker, await shop.claimOne(worker, rare), error);
    expect(await shop.row(id)).toMatchObject({ state: 'dead', finished_at: expect.any(Date) });
  });

  it('tells which processes live, and who has fallen silent', async () => {
    const worker = await shop.worker('till 1');
    await shop.lose(await shop.worker('till 2'));
    await shop.worker('till 3');
    await shop.sql(`UPDATE agents.worker SET beat_at = beat_at - interval '31 s' WHERE lost_at IS NULL`);
    await shop.ledger.beat(worker);
    await shop.moveClock('73 h'); // nobody falls silent by that
    const rows = await shop.db.query({ text: `SELECT * FROM agents.alive WHERE agent = 'cfdi' ORDER BY instance` });
    expect(rows).toMatchObject([
      {
        instance: 'till 1',
        incarnation: worker,
        state: 'live',
        version: '1.0.0',
      },
      { instance: 'till 2', state: 'lost' },
      { instance: 'till 3', state: 'silent' },
    ]);
  });

  it('adds what a living process tells of itself, and hears neither strangers nor the lost', async () => {
    const worker = await shop.worker('till 3');
    const about = async () =>
      (
        await shop.db.query<{ about: unknown }>({ text: `SELECT about FROM agents.alive WHERE instance = 'till 3'` })
      )[0];
    const away = { dependencies: [{ name: 'storage', status: 'down' }] };
    expect(await shop.ledger.tell(worker, { version: '1' })).toBe(true);
    expect(await shop.ledger.tell(worker, away)).toBe(true);
    expect(await about()).toMatchObject({ about: { version: '1', ...away } });
    expect(await new Ledger(await shop.as('sync')).tell(worker, { dependencies: [] })).toBe(false);
    await expect(shop.ledger.tell(worker, { long: 'x'.repeat(20_000) })).rejects.toThrow('16 kB');
    await shop.lose(worker);
    expect(await shop.ledger.tell(worker, { dependencies: [] })).toBe(false);
    expect(await about()).toMatchObject({ about: away });
  });
});
