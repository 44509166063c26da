import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Database } from '@nexora/database';
import { TcpProxy, until } from '@nexora/testing';
import { DeafLine } from './deaf-line.conformance.ts';
import { pulse } from './liveness.ts';
import { sampleKind, Workshop } from './workshop.conformance.ts';

const work = sampleKind('work', { delivery: 'at-least-once' });
const cautious = sampleKind('cautious', { delivery: 'at-most-once' });

let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
  await shop.declare([work, cautious]);
  await shop.database.query({ text: 'CREATE TABLE effect (by text)' });
});
afterEach(() => shop.end());

const INSERT = 'INSERT INTO effect VALUES ($1)';
const effects = async () =>
  (await shop.database.query<{ by: string }>({ text: 'SELECT by FROM effect ORDER BY by' })).map(({ by }) => by);

describe('a worker that was declared lost', () => {
  it('aborts what it holds, its late result is refused, and it goes on under a new incarnation', async () => {
    const id = await shop.enqueue(work);
    let release: () => void = () => undefined;
    let run = 0;
    const worker = await shop.work(
      [
        {
          kind: work,
          concurrency: 2,
          handle: async (job) => {
            const by = `run ${++run}`;
            if (run === 1) {
              await new Promise<void>((resolve) => (release = resolve));
            }
            return job.finish({ text: INSERT, values: [by] }, { by });
          },
        },
      ],
      { pulse: pulse(50) },
    );
    await until(() => run === 1, { what: 'the first run' });
    const [{ incarnation, counter } = { incarnation: '', counter: '' }] = await shop.ledger.watch('sample');
    await until(
      async () => {
        const [alive] = await shop.ledger.watch('sample');
        return alive !== undefined && (await shop.ledger.declareLost(alive.incarnation, alive.counter)) !== null;
      },
      { what: 'the worker to be declared lost' },
    );
    expect(counter).toBeDefined();
    await until(() => shop.told('worker-renewed').length > 0, { what: 'a new incarnation' });
    await shop.becomes(id, 'done');
    release();
    await until(() => worker.running === 0, { what: 'the old run to end' });
    expect(await effects()).toEqual(['run 2']);
    expect((await shop.ledger.watch('sample'))[0]?.incarnation).not.toBe(incarnation);
  });
});

describe('a worker whose coming was committed and never answered', () => {
  it('comes again under another incarnation, and works', async () => {
    const line = await DeafLine.to(shop.url);
    const databaseSettings = { url: line.url, onConnectionError: () => undefined };
    const database = await Database.open(databaseSettings);
    const worker = await shop.work([{ kind: work, handle: async () => ({}) }], {
      database,
      databaseSettings,
      pulse: pulse(10),
    });
    const first = worker.incarnation;
    line.swallowAnswerWith('lost_rows'); // a column of what agents.start_worker answers
    await shop.database.query({ text: 'UPDATE agents.worker SET lost_at = agents.now()' });
    await until(() => line.swallowed === 1, { what: 'the answer to be swallowed' });
    const second = worker.incarnation;
    const id = await shop.enqueue(work);
    await shop.becomes(id, 'done');
    expect(new Set([first, second, worker.incarnation]).size).toBe(3);
    expect(worker.standstill).toEqual([]);
    line.end();
  });
});

describe('a worker that falls silent', () => {
  it('is found after the watched silence, and its rows run elsewhere', async () => {
    const id = await shop.enqueue(work);
    // Somebody claims the row and never beats again.
    const ghost = { agent: 'sample', instance: 'ghost', incarnation: randomUUID() };
    await shop.ledger.startWorker(ghost);
    const rows = await shop.ledger.claim({ incarnation: ghost.incarnation, kind: work.name, max: 1 });
    expect(rows).toHaveLength(1);
    await shop.work([{ kind: work, handle: async () => ({}) }], { pulse: pulse(20) });
    await shop.becomes(id, 'done', 15_000);
    expect(shop.told('lost')).toMatchObject([{ worker: ghost.incarnation, released: 1 }]);
    expect(await shop.row(id)).toMatchObject({ attempts: 1 });
  });

  it('is followed at once by a process that starts under its name', async () => {
    const id = await shop.enqueue(work);
    const ghost = { agent: 'sample', instance: 'test-0', incarnation: randomUUID() };
    await shop.ledger.startWorker(ghost);
    await shop.ledger.claim({ incarnation: ghost.incarnation, kind: work.name, max: 1 });
    const began = performance.now();
    await shop.work([{ kind: work, handle: async () => ({}) }]);
    await shop.becomes(id, 'done');
    expect(performance.now() - began).toBeLessThan(4_000);
    expect(shop.told('worker-started')).toMatchObject([{ released: 1 }]);
  });

  it('leaves an at-most-once job with an open intent in doubt, never to be run again by itself', async () => {
    const id = await shop.enqueue(cautious);
    const ghost = { agent: 'sample', instance: 'test-0', incarnation: randomUUID() };
    await shop.ledger.startWorker(ghost);
    const [row] = await shop.ledger.claim({ incarnation: ghost.incarnation, kind: cautious.name, max: 1 });
    await shop.ledger.intend(ghost.incarnation, row ?? { id: '', dispatch: 0 }, { key: 'k' });
    let ran = false;
    await shop.work([{ kind: cautious, handle: async () => ((ran = true), {}) }]);
    await shop.becomes(id, 'in_doubt');
    expect(ran).toBe(false);
  });
});

describe('a worker that cannot reach the ledger', () => {
  it('comes to work by itself when the line broke in the middle of its start', async () => {
    const id = await shop.enqueue(work);
    const proxy = await TcpProxy.to(shop.url);
    const url = proxy.through(shop.url);
    const database = await Database.open({ url, queryTimeoutMs: 500 });
    const listen = database.listen.bind(database);
    database.listen = async (...given) => {
      const listener = await listen(...given);
      await proxy.cut();
      return listener;
    };
    const worker = await shop.work([{ kind: work, handle: async () => ({}) }], {
      database,
      databaseSettings: { url },
      pulse: pulse(10),
    });
    expect(worker.standstill).toContain('not started');
    await proxy.restore();
    await shop.becomes(id, 'done', 20_000);
    await proxy.end();
  });

  it('aborts its handlers before others take them for lost, and gives the rows back when it can', async () => {
    const id = await shop.enqueue(work);
    const proxy = await TcpProxy.to(shop.url);
    const database = await Database.open({ url: proxy.through(shop.url), queryTimeoutMs: 500 });
    const aborted: unknown[] = [];
    const handle = (job: { signal: AbortSignal; dispatch: number }) =>
      job.dispatch > 1
        ? Promise.resolve({})
        : new Promise<never>((_resolve, reject) =>
            job.signal.addEventListener('abort', () => {
              aborted.push(job.signal.reason);
              reject(job.signal.reason as Error);
            }),
          );
    await shop.work([{ kind: work, handle }], {
      database,
      databaseSettings: { url: proxy.through(shop.url) },
      pulse: pulse(10),
    });
    await until(() => shop.told('started').length === 1, { what: 'the job to run' });
    await proxy.cut();
    await until(() => shop.told('handlers-aborted').length === 1, { what: 'the handlers to be aborted' });
    expect(aborted).toHaveLength(1);
    await proxy.restore();
    await shop.becomes(id, 'done', 20_000);
    const attempts = await shop.database.query({
      text: `SELECT outcome FROM agents.attempts WHERE job = $1 ORDER BY number`,
      values: [id],
    });
    expect(attempts).toEqual([{ outcome: 'handed_back' }, { outcome: 'done' }]);
    await proxy.end();
  });

  it('delivers the outcome of a job that ended meanwhile, once the ledger is back', async () => {
    const id = await shop.enqueue(work);
    const proxy = await TcpProxy.to(shop.url);
    const url = proxy.through(shop.url);
    const database = await Database.open({ url, queryTimeoutMs: 500 });
    let release: () => void = () => undefined;
    const handle = () => new Promise((resolve) => (release = () => resolve({ n: 1 })));
    await shop.work([{ kind: work, handle }], { database, databaseSettings: { url } });
    await until(() => shop.told('started').length === 1, { what: 'the job to run' });
    await proxy.cut();
    release();
    await proxy.restore();
    await shop.becomes(id, 'done', 20_000);
    expect(await shop.row(id)).toMatchObject({ attempts: 1, dispatch: 1, result: { n: 1 } });
    await proxy.end();
  });
});

describe('a heartbeat', () => {
  it('gets through while handlers hold every connection of the pool', async () => {
    for (let i = 0; i < 4; i++) await shop.enqueue(work, { i });
    const worker = await shop.work(
      [
        {
          kind: work,
          concurrency: 4,
          handle: (job) => job.finish((tx) => tx.query({ text: 'SELECT pg_sleep(3)' }).then(() => ({}))),
        },
      ],
      { poolSize: 2, pulse: pulse(20) },
    );
    await until(async () => (await shop.count(`state = 'done'`)) === 4, { within: 20_000, what: 'all to be done' });
    expect(shop.told('handlers-aborted')).toEqual([]);
    expect(shop.told('worker-renewed')).toEqual([]);
    expect(worker.silentMs).toBeLessThan(1_000);
  });
});
