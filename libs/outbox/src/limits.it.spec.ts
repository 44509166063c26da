import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@nexora/testing';
import { anyKind, Shop } from './shop.conformance.ts';

const three = anyKind('three', { total: 3 });
const rated = anyKind('rated', { rate: { count: 5, perMs: 60_000 } });
const brief = anyKind('brief', { rate: { count: 5, perMs: 2_000 } });
const both = anyKind('both', { total: 2, rate: { count: 3, perMs: 60_000 } });

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open([three, rated, brief, both]);
});
afterEach(() => shop.empty());
afterAll(() => shop.close());

describe('a total over all replicas', () => {
  it('is never exceeded, however many claim at once', async () => {
    const workers = await Promise.all(Array.from({ length: 5 }, () => shop.worker()));
    await shop.enqueueMany(three, 20);
    const claims = workers.flatMap((worker) => [1, 2, 3].map(() => shop.claim(worker, three, 2)));
    const taken = (await Promise.all(claims)).flat();
    expect(taken).toHaveLength(3);
    const owner = await ownerOf(taken[0]!.id);
    await shop.ledger.finish(owner, taken[0]!);
    const more = (await Promise.all(workers.map((worker) => shop.claim(worker, three, 2)))).flat();
    expect(more).toHaveLength(1);
  });

  it('counts rows of a claim that is not committed yet: the next claim waits for it', async () => {
    const [one, two] = [await shop.worker(), await shop.worker()];
    await shop.enqueueMany(three, 10);
    const slow = await shop.session();
    await slow.query('BEGIN');
    await slow.query(`SELECT agents.claim($1, 'cfdi.three', 2)`, [one]);
    const second = shop.claim(two, three, 10);
    await until(async () => (await waiting()) === 1, { what: 'the second claim to wait' });
    await slow.query('COMMIT');
    await slow.end();
    expect(await second).toHaveLength(1);
  });

  it('counts a row that runs alone as well', async () => {
    const worker = await shop.worker();
    await shop.enqueueMany(three, 5);
    await shop.claim(worker, three, 3);
    await shop.lose(worker);
    const next = await shop.worker();
    expect(await shop.claimAlone(next, three)).toBeDefined();
    expect(await shop.claim(next, three, 10)).toHaveLength(2);
  });
});

describe('a rate over all replicas', () => {
  it('holds in every window of its time, wherever it begins, and what was not used is not saved', async () => {
    const worker = await shop.worker();
    await shop.enqueueMany(rated, 40);
    const starts: number[] = [];
    for (let second = 0; second <= 300; second += 7) {
      await shop.moveClock(`${second} s`);
      const jobs = await shop.claim(worker, rated, second % 3 === 0 ? 2 : 1);
      starts.push(...jobs.map(() => second));
    }
    const inWindow = (from: number) => starts.filter((at) => at >= from && at < from + 60).length;
    expect(Math.max(...starts.map(inWindow))).toBe(5);
    expect(starts.length).toBeGreaterThanOrEqual(23); // and nearly all of them are used
    await shop.moveClock('10 h');
    expect(await shop.claim(worker, rated, 10)).toHaveLength(5);
    expect(await shop.claim(worker, rated, 10)).toHaveLength(0);
  });

  it('counts a start from when it got through, not from when it began to wait', async () => {
    const [one, two] = [await shop.worker(), await shop.worker()];
    await shop.enqueueMany(brief, 30);
    const slow = await shop.session();
    await slow.query('BEGIN');
    await slow.query(`SELECT agents.claim($1, 'cfdi.brief', 1)`, [one]);
    const second = shop.claim(two, brief, 10);
    await until(async () => (await waiting()) === 1, { what: 'the second claim to wait' });
    await slow.query('SELECT pg_sleep(0.5)'); // the time itself is what the rate is about
    await slow.query('COMMIT');
    await slow.end();
    expect((await second).length).toBeGreaterThanOrEqual(4);
    const [row] = await shop.sql<{ after: number }>(
      `SELECT date_part('epoch', l.spent_at[cardinality(l.spent_at)] - max(j.claimed_at))::float8 AS after
         FROM agents.kind_limit l JOIN agents.job j ON j.kind = l.kind AND j.worker = $1
        WHERE l.kind = 'cfdi.brief' GROUP BY l.spent_at`,
      [two],
    );
    expect(row!.after).toBeGreaterThan(0.4);
  });

  it('is remembered in few numbers, however many start', async () => {
    const worker = await shop.worker();
    await shop.enqueueMany(brief, 400);
    for (let n = 0; n < 200; n += 1) {
      await shop.moveClock(`${n * 0.1} s`);
      await shop.claim(worker, brief, 2);
    }
    const [row] = await shop.sql<{ spans: number }>(
      `SELECT cardinality(spent) AS spans FROM agents.kind_limit WHERE kind = 'cfdi.brief'`,
    );
    expect(row!.spans).toBeLessThanOrEqual(65);
  });

  it('is not debited by what was not there', async () => {
    const worker = await shop.worker();
    await shop.enqueueMany(rated, 1);
    expect(await shop.claim(worker, rated, 10)).toHaveLength(1);
    await shop.enqueueMany(rated, 10);
    expect(await shop.claim(worker, rated, 10)).toHaveLength(4);
  });

  it('goes on after the clock has stepped back', async () => {
    const worker = await shop.worker();
    await shop.enqueueMany(rated, 20);
    await shop.moveClock('1 day');
    expect(await shop.claim(worker, rated, 10)).toHaveLength(5);
    await shop.moveClock(null);
    await shop.sql(`UPDATE agents.job SET run_at = agents.now() - interval '1 min' WHERE state = 'pending'`);
    expect(await shop.claim(worker, rated, 10)).toHaveLength(0);
    await shop.moveClock('61 s');
    expect(await shop.claim(worker, rated, 10)).toHaveLength(5);
  });

  it('and a total hold together: the smaller decides', async () => {
    const worker = await shop.worker();
    await shop.enqueueMany(both, 10);
    const first = await shop.claim(worker, both, 10);
    expect(first).toHaveLength(2);
    await shop.ledger.finishMany(worker, first);
    expect(await shop.claim(worker, both, 10)).toHaveLength(1);
    expect(await shop.claim(worker, both, 10)).toHaveLength(0);
  });
});

describe('limits that an agent declares anew', () => {
  it('hold from the next claim on', async () => {
    const worker = await shop.worker();
    await shop.enqueueMany(three, 10);
    expect(await shop.claim(worker, three, 10)).toHaveLength(3);
    await shop.declare([anyKind('three', { total: 4 }), rated, brief, both]);
    expect(await shop.claim(worker, three, 10)).toHaveLength(1);
    await shop.declare([anyKind('three'), rated, brief, both]);
    expect(await shop.claim(worker, three, 10)).toHaveLength(6);
    await shop.declare([three, rated, brief, both]);
  });
});

async function ownerOf(job: string): Promise<string> {
  const [row] = await shop.sql<{ worker: string }>('SELECT worker FROM agents.job WHERE id = $1', [job]);
  return row!.worker;
}

async function waiting(): Promise<number> {
  const [row] = await shop.sql<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
  );
  return row!.n;
}
