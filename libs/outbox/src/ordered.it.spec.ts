import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { enqueue, type ClaimedJob } from './index.ts';
import { anyKind, Shop } from './shop.conformance.ts';

const chat = anyKind('chat', { ordered: true });
const quick = anyKind('quick');

let shop: Shop;
let worker: string;
beforeAll(async () => {
  shop = await Shop.open([chat, quick]);
});
afterEach(() => shop.empty());
afterAll(() => shop.close());

const say = (orderKey: string, n: number, runAt?: Date) =>
  shop.enqueue(chat, { n }, { orderKey, ...(runAt === undefined ? {} : { runAt }) });
const numbers = (jobs: readonly ClaimedJob[]) => jobs.map(({ payload }) => (payload as { n: number }).n).sort();
const error = { code: 'test.failed' };

describe('rows of one order key', () => {
  it('run one after another, the oldest first, beside those of other keys', async () => {
    worker = await shop.worker();
    for (const n of [1, 2, 3]) await say('Ana', n);
    await say('Beto', 10);
    const first = await shop.claim(worker, chat);
    expect(numbers(first)).toEqual([1, 10]);
    expect(await shop.claim(worker, chat)).toEqual([]);
    await shop.ledger.finish(
      worker,
      first.find(({ orderKey }) => orderKey === 'Ana')!,
    );
    const second = await shop.claim(worker, chat);
    expect(numbers(second)).toEqual([2]);
  });

  it('wait behind one that waits for its retry, and go on when it has died', async () => {
    worker = await shop.worker();
    await say('Ana', 1);
    await say('Ana', 2);
    const first = await shop.claimOne(worker, chat);
    await shop.ledger.retry(worker, first, { delayMs: 3_600_000, error, maxAttempts: null });
    expect(await shop.claim(worker, chat)).toEqual([]);
    await shop.moveClock('61 min');
    const again = await shop.claimOne(worker, chat);
    expect(again.id).toBe(first.id);
    await shop.ledger.bury(worker, again, error);
    expect(numbers(await shop.claim(worker, chat))).toEqual([2]);
  });

  it('wait behind one that is in doubt, and go on when that was put aside', async () => {
    worker = await shop.worker();
    const first = await say('Ana', 1);
    await say('Ana', 2);
    await shop.ledger.doubt(worker, await shop.claimOne(worker, chat), error);
    expect(await shop.claim(worker, chat)).toEqual([]);
    expect(await shop.ledger.cancel(first)).toBe('cancelled');
    expect(numbers(await shop.claim(worker, chat))).toEqual([2]);
  });

  it('keep their order when a later one is due earlier or more urgent', async () => {
    worker = await shop.worker();
    await say('Ana', 1, new Date(Date.now() + 3_600_000));
    await say('Ana', 2);
    await shop.enqueue(chat, { n: 3 }, { orderKey: 'Ana', priority: 'critical' });
    expect(await shop.claim(worker, chat)).toEqual([]);
    await shop.moveClock('61 min');
    expect(numbers(await shop.claim(worker, chat))).toEqual([1]);
  });

  it('never overlap when an older row commits late, after a younger one has started', async () => {
    worker = await shop.worker();
    const late = await shop.session();
    await late.query('BEGIN');
    const older = await enqueue(late, chat.kind, { n: 1 }, { orderKey: 'Ana' });
    await say('Ana', 2);
    const running = await shop.claimOne(worker, chat); // nobody can know of the older one yet
    expect(numbers([running])).toEqual([2]);
    await late.query('COMMIT');
    await late.end();
    expect(await shop.claim(worker, chat)).toEqual([]);
    await shop.ledger.retry(worker, running, { delayMs: 0, error, maxAttempts: null });
    const next = await shop.claimOne(worker, chat); // from now on the older one goes first again
    expect(next.id).toBe(older);
    expect(await shop.claim(worker, chat)).toEqual([]);
  });

  it('never overlap while two replicas claim the same key at once', async () => {
    const [one, two] = [await shop.worker(), await shop.worker()];
    const slow = await shop.session();
    for (const n of [1, 2]) await say('Ana', n);
    await slow.query('BEGIN');
    const { rowCount } = await slow.query(`SELECT id FROM agents.claim($1, 'cfdi.chat', 10)`, [one]);
    expect(rowCount).toBe(1);
    expect(await shop.claim(two, chat)).toEqual([]); // the first claim is not even committed
    await slow.query('COMMIT');
    expect(await shop.claim(two, chat)).toEqual([]);
    await slow.end();
  });

  it('never overlap under many claims and completions at once, whatever comes in between', async () => {
    const workers = await Promise.all(Array.from({ length: 4 }, () => shop.worker()));
    const keys = ['Ana', 'Beto', 'Cata'];
    // One after another within a key: rows that are handed over at the same moment have no order to keep.
    for (let n = 0; n < 15; n++) await Promise.all(keys.map((key) => say(key, n)));
    const order = new Map(keys.map((key) => [key, [] as string[]]));
    const running = new Set<string>();
    const work = async (incarnation: string) => {
      for (let vain = 0; vain < 40;) {
        const jobs = await shop.claim(incarnation, chat, 2);
        vain = jobs.length === 0 ? vain + 1 : 0;
        for (const job of jobs) {
          expect(running.has(job.orderKey!)).toBe(false);
          running.add(job.orderKey!);
        }
        for (const job of jobs) {
          running.delete(job.orderKey!);
          order.get(job.orderKey!)!.push(job.id);
          await shop.ledger.finish(incarnation, job);
        }
      }
    };
    await Promise.all(workers.map(work));
    const expected = await shop.sql<{ key: string; ids: string[] }>(
      `SELECT order_key AS key, array_agg(id ORDER BY id) AS ids FROM agents.job_finished GROUP BY order_key`,
    );
    expect(expected.map(({ ids }) => ids.length)).toEqual([15, 15, 15]);
    for (const { key, ids } of expected) expect(order.get(key)).toEqual(ids);
  });

  it('hide nobody else, however many of them wait behind one', async () => {
    worker = await shop.worker();
    const text = `SELECT agents.enqueue('cfdi.chat', '{"n": 1}', order_key => 'Ana') FROM generate_series(1, 450)`;
    await shop.db.query({ text });
    await say('Beto', 2);
    await say('Cata', 3);
    expect(numbers(await shop.claim(worker, chat))).toEqual([1, 2, 3]);
    await shop.sql(`UPDATE agents.job SET order_key = 'Dani ' || id WHERE order_key = 'Ana' AND state = 'pending'`);
    expect(await shop.claim(worker, chat, 500)).toHaveLength(449); // as many keys as rows
  });

  it('hide no row without a key, which an event or a schedule made', async () => {
    worker = await shop.worker();
    await shop.sql(`SELECT agents.enqueue('cfdi.chat', '{"n": 1}', order_key => 'Ana') FROM generate_series(1, 300)`);
    await shop.ledger.doubt(worker, await shop.claimOne(worker, chat), error);
    await shop.sql(`INSERT INTO agents.subscription VALUES ('test.event', 'cfdi.chat')`);
    await shop.sql(`SELECT agents.emit('test.event', '{"n": 2}')`);
    await say('Beto', 3);
    expect(numbers(await shop.claim(worker, chat))).toEqual([2, 3]);
    await shop.sql('DELETE FROM agents.subscription');
  });

  it('hide no other key when a younger one of them runs: dead ones that were brought back are older', async () => {
    worker = await shop.worker();
    const keys = Array.from({ length: 25 }, (_, n) => `key ${n}`);
    for (const key of keys) await say(key, 1);
    const died = await shop.claim(worker, chat, 25);
    for (const job of died) await shop.ledger.bury(worker, job, error);
    for (const key of keys) await say(key, 2);
    expect(await shop.claim(worker, chat, 25)).toHaveLength(25);
    for (const job of died) await shop.ledger.retryJob(job.id);
    await shop.sql(`SELECT agents.enqueue('cfdi.chat', '{"n": 3}', order_key => 'key 1') FROM generate_series(1, 250)`);
    await say('Beto', 4);
    expect(numbers(await shop.claim(worker, chat, 4))).toEqual([4]);
  });

  it.each([10, 300])('are left out while a hold concerns them, be they %i', async (many) => {
    worker = await shop.worker();
    await shop.sql(
      `SELECT agents.enqueue('cfdi.chat', '{"n": 1}', order_key => 'key ' || n, scope => 'held', priority => 'high')
         FROM generate_series(1, $1::int) n`,
      [many],
    );
    await say('Ana', 2);
    await shop.sql(`SELECT agents.hold('test', scope => 'held')`);
    expect(numbers(await shop.claim(worker, chat))).toEqual([2]);
    // Nor when the rows before them are blocked, and the search goes by keys.
    await shop.sql(`SELECT agents.enqueue('cfdi.chat', '{"n": 3}', order_key => 'Ana') FROM generate_series(1, 250)`);
    await say('Beto', 4);
    expect(numbers(await shop.claim(worker, chat))).toEqual([4]);
    await shop.sql(`SELECT agents.unhold(scope => 'held')`);
    expect(await shop.claim(worker, chat, 400)).toHaveLength(many);
  });

  it('are kept apart by the table itself, should a claim be wrong', async () => {
    worker = await shop.worker();
    await say('Ana', 1);
    await say('Ana', 2);
    await shop.claimOne(worker, chat);
    const wrong = shop.sql(
      `UPDATE agents.job SET state = 'running', worker = gen_random_uuid() WHERE state = 'pending'`,
    );
    await expect(wrong).rejects.toMatchObject({ code: '23505', constraint: 'job_order_wall' });
  });

  it('keep their order when the oldest must run alone', async () => {
    worker = await shop.worker();
    const first = await say('Ana', 1);
    await say('Ana', 2);
    await shop.claimOne(worker, chat);
    await shop.lose(worker);
    const next = await shop.worker();
    expect(await shop.claim(next, chat)).toEqual([]);
    const alone = await shop.claimAlone(next, chat);
    expect(alone).toMatchObject({ id: first, alone: true });
    expect(await shop.claim(next, chat)).toEqual([]);
    await shop.ledger.finish(next, alone!);
    expect(numbers(await shop.claim(next, chat))).toEqual([2]);
  });
});

describe('a kind that becomes ordered', () => {
  it('gives a place to the rows that it has', async () => {
    worker = await shop.worker();
    await shop.enqueue(quick, { n: 5 });
    const declared = anyKind('quick', { ordered: true });
    await shop.declare([chat, declared]);
    await shop.sql(`SELECT agents.enqueue('cfdi.quick', '{"n": 1}', order_key => 'Ana', priority => 'critical')
                      FROM generate_series(1, 250)`);
    expect(numbers(await shop.claim(worker, declared))).toEqual([1, 5]);
    await shop.sql('DELETE FROM agents.job');
    await shop.declare([chat, quick]);
  });
});

describe('kinds without an order', () => {
  it('pay nothing for it: no number, no place in its indexes', async () => {
    await shop.enqueueMany(quick, 10);
    const [row] = await shop.sql<{ numbered: number; entries: number }>(
      `SELECT count(order_seq)::int AS numbered,
              (SELECT reltuples FROM pg_class WHERE oid = 'agents.job_order'::regclass)::int AS entries FROM agents.job`,
    );
    expect(row!.numbered).toBe(0);
    expect(row!.entries).toBeLessThanOrEqual(0);
  });
});
