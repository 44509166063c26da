import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { Database } from '@nexora/database';
import { enqueue } from '@nexora/outbox';
import { until } from '@nexora/testing';
import { sampleKind, Workshop } from './workshop.conformance.ts';

const work = sampleKind('work', { delivery: 'at-least-once' });

let shop: Workshop;
let outside: pg.Client;
beforeEach(async () => {
  shop = await Workshop.open();
  await shop.declare([work]);
  outside = new pg.Client(shop.url);
  await outside.connect();
});
afterEach(async () => {
  await outside.end();
  await shop.end();
});

/** Starts a worker that remembers how long after its commit each job started. */
async function listen() {
  const started = new Map<string, number>();
  const worker = await shop.work([
    {
      kind: work,
      concurrency: 8,
      handle: async ({ id }) => {
        started.set(id, performance.now());
        return {};
      },
    },
  ]);
  const startOf = (id: string) => until(() => started.get(id), { what: `job ${id} to start` });
  return { worker, startOf, started };
}

const SQL = `SELECT agents.enqueue('sample.work', '{}') AS id`;
const handOver = async () => {
  const { rows } = await outside.query<{ id: string }>(SQL);
  return { id: rows[0]?.id ?? '', at: performance.now() };
};
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? Infinity;

describe('a commit', () => {
  it('by plain SQL of another process starts the job at once, without Redis and long before the poll', async () => {
    const { startOf } = await listen();
    const waits: number[] = [];
    for (let i = 0; i < 40; i++) {
      const { id, at } = await handOver();
      waits.push((await startOf(id)) - at);
    }
    // The aim is 1 ms on a quiet machine; here other tests run beside it.
    expect(median(waits)).toBeLessThan(15);
  });

  it('starts nothing when it rolls back', async () => {
    const { started } = await listen();
    await outside.query('BEGIN');
    await outside.query(SQL);
    await outside.query('ROLLBACK');
    const { id } = await handOver();
    await shop.becomes(id, 'done');
    expect([...started.keys()]).toEqual([id]);
  });

  it('by the process that works the kind is claimed without being notified', async () => {
    const database = await Database.open({ url: shop.url });
    const started: number[] = [];
    await shop.work([{ kind: work, handle: async () => (started.push(performance.now()), {}) }], { database });
    await shop.database.query({
      text: `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%listener'`,
    });
    await database.transaction(async (tx) => enqueue(tx, work, {}));
    const committed = performance.now();
    await until(() => started.length === 1, { what: 'the job to start' });
    expect((started[0] ?? Infinity) - committed).toBeLessThan(500);
  });

  it('rings for another process when no slot is free here', async () => {
    const rung: string[] = [];
    const database = await Database.open({ url: shop.url });
    const silent = { serve: () => ({ close: () => Promise.resolve() }), close: () => Promise.resolve() };
    let release: () => void = () => undefined;
    const handle = () => new Promise((resolve) => (release = () => resolve({})));
    await shop.work([{ kind: work, handle }], { database, bell: { ...silent, ring: (kind) => void rung.push(kind) } });
    await database.transaction((tx) => enqueue(tx, work, {}));
    await until(() => shop.told('started').length === 1, { what: 'the first to run' });
    rung.length = 0;
    await database.transaction((tx) => enqueue(tx, work, {}));
    expect(rung).toEqual(['sample.work']);
    release();
    await until(() => shop.told('started').length === 2, { what: 'the second to run' });
    release();
  });

  it('is found by the poll within some seconds when nobody can be notified', async () => {
    const { startOf } = await listen();
    const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%listener'`;
    await outside.query(kill);
    const { id, at } = await handOver();
    expect((await startOf(id)) - at).toBeLessThan(3_000);
    await until(() => shop.told('listener-back').length > 0, { what: 'the listener to be back' });
    const next = await handOver();
    await startOf(next.id);
  });
});

describe('under load', () => {
  it('commits stop to notify, and notify again when the rush is over', async () => {
    const { startOf } = await listen();
    let notified = 0;
    outside.on('notification', () => notified++);
    await outside.query('LISTEN agents_work');
    const rush = 3_000;
    const crowd = await Promise.all(
      Array.from({ length: 4 }, async () => {
        // Without waiting for each answer, so that commits come thick on a busy machine too.
        const client = new pg.Client({ connectionString: shop.url, pipeline: true });
        await client.connect();
        return client;
      }),
    );
    await Promise.all(crowd.flatMap((client) => Array.from({ length: rush / crowd.length }, () => client.query(SQL))));
    await Promise.all(crowd.map((client) => client.end()));
    await until(async () => (await shop.count(`state = 'done'`)) === rush, { within: 30_000, what: 'all to be done' });
    // How soon it is a rush depends on the machine; without the rule every commit notifies.
    expect(notified).toBeLessThan(rush * 0.8);
    const before = notified;
    await until(
      async () => {
        const { id } = await handOver();
        await startOf(id);
        return notified > before;
      },
      { what: 'a commit to notify again' },
    );
  });
});
