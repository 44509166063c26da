import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { until } from '@nexora/testing';
import { sampleKind, Workshop } from './workshop.conformance.ts';

const work = sampleKind('work', { delivery: 'at-least-once' });

let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
  await shop.declare([work]);
});
afterEach(() => shop.end());

const lines = async (id: string) => {
  const text = 'SELECT line FROM agents.job_logs WHERE job = $1 ORDER BY at, line';
  return (await shop.database.query<{ line: string }>({ text, values: [id] })).map(({ line }) => line);
};

describe('a handler that logs without end', () => {
  it('costs no more than the two hundred lines that the ledger keeps', async () => {
    const handle = async (job: { log: (line: string) => void }) => {
      for (let i = 0; i < 20_000; i++) job.log(`line ${i}`);
      return {};
    };
    await shop.work([{ kind: work, handle, timeoutMs: 5_000 }]);
    const id = await shop.enqueue(work);
    await shop.becomes(id, 'done', 5_000);
    expect(await lines(id)).toHaveLength(200);
  });
});

describe('notes that cannot be written', () => {
  it('hold the slot no longer than the time limit, and what the handler returned counts', async () => {
    const holder = new Client({ connectionString: shop.url });
    await holder.connect();
    await holder.query('BEGIN; LOCK TABLE agents.job_log');
    const handle = async (job: { log: (line: string) => void }) => (job.log('waits for the lock'), { n: 1 });
    const worker = await shop.work([{ kind: work, handle, timeoutMs: 300 }]);
    const id = await shop.enqueue(work);
    await shop.becomes(id, 'done');
    expect(await shop.row(id)).toMatchObject({ attempts: 1, result: { n: 1 } });
    await until(() => worker.running === 0, { what: 'the slot to be free' });
    await holder.query('ROLLBACK');
    await holder.end();
  });
});

describe('notes', () => {
  it('are kept without secrets, personal data, and what Postgres cannot hold', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const handle = async (job: { log: (line: string) => void; progress: (at: number, phrase: string) => void }) => {
      job.log('line \u0000 of juan.perez@example.com \ud800');
      job.progress(0.5, 'phrase \u0000 of juan.perez@example.com');
      await released;
      return {};
    };
    await shop.work([{ kind: work, handle }]);
    const id = await shop.enqueue(work);
    await until(async () => (await lines(id)).length === 1, { what: 'the line' });
    await until(async () => (await shop.row(id))['progress_phrase'] !== null, { what: 'the progress' });
    const kept = JSON.stringify([await lines(id), (await shop.row(id))['progress_phrase']]);
    expect(kept).toMatch(/line .*phrase/);
    expect(kept).not.toContain('juan.perez');
    release();
    await shop.becomes(id, 'done');
    expect(shop.told('note-failed')).toEqual([]);
  });
});
