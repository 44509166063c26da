import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@nexora/testing';
import { type ClaimedJob } from './index.ts';
import { anyKind, Shop } from './shop.conformance.ts';

const quick = anyKind('quick');
const error = { code: 'test.failed' };

let shop: Shop;
let worker: string;
beforeAll(async () => {
  shop = await Shop.open([quick]);
});
beforeEach(async () => {
  worker = await shop.worker();
});
afterEach(() => shop.empty());
afterAll(() => shop.close());

const one = async (): Promise<ClaimedJob> => {
  await shop.enqueue(quick);
  return shop.claimOne(worker, quick);
};

describe('cancelling a job', () => {
  it('that waits ends it at once, and nobody claims it any more', async () => {
    const id = await shop.enqueue(quick);
    expect(await shop.ledger.cancel(id)).toBe('cancelled');
    expect(await shop.claim(worker, quick)).toEqual([]);
    expect(await shop.stateOf(id)).toBe('cancelled');
    expect(await shop.ledger.cancel(id)).toBe('finished');
    expect(await shop.ledger.retryJob(id)).toBe('cancelled');
  });

  it('that runs marks it, and its worker hears of it by notification and with its next heartbeat', async () => {
    const job = await one();
    const { heard, listener, settled } = await shop.ear('agents_cancel');
    expect(await shop.ledger.cancel(job.id)).toBe('cancelling');
    await settled();
    expect(heard).toEqual([`agents_cancel ${job.id}`]);
    expect((await shop.ledger.beat(worker)).cancelled).toEqual([job.id]);
    expect((await shop.ledger.beat(await shop.worker())).cancelled).toEqual([]);
    expect(await shop.row(job.id)).toMatchObject({ state: 'running', cancel_requested: true });
    await listener.close();
  });

  it('that runs without an open intent ends it as cancelled when its handler stops', async () => {
    const job = await one();
    await shop.ledger.cancel(job.id);
    expect(await shop.ledger.cancelled(worker, job)).toBe('cancelled');
    expect(await shop.stateOf(job.id)).toBe('cancelled');
    expect(await shop.attemptsOf(job.id)).toMatchObject([{ outcome: 'cancelled', counted: false }]);
  });

  it('that runs with an open intent leaves it in doubt: something may have happened outside', async () => {
    const job = await one();
    await shop.ledger.intend(worker, job, { key: 'stamp 1' });
    await shop.ledger.cancel(job.id);
    expect(await shop.ledger.cancelled(worker, job)).toBe('in_doubt');
    expect(await shop.row(job.id)).toMatchObject({ state: 'in_doubt', intent: { key: 'stamp 1' } });
  });

  it('that waits with an open intent leaves it in doubt as well; cancelled again, it is put aside', async () => {
    const job = await one();
    await shop.ledger.intend(worker, job, { key: 'stamp 1' });
    await shop.ledger.retry(worker, job, { delayMs: 60_000, error, maxAttempts: null });
    expect(await shop.ledger.cancel(job.id)).toBe('in_doubt');
    expect(await shop.row(job.id)).toMatchObject({ state: 'in_doubt', intent: { key: 'stamp 1' } });
    expect(await shop.ledger.cancel(job.id)).toBe('cancelled');
  });

  it.each([
    [
      'fails instead of stopping',
      (job: ClaimedJob) => shop.ledger.retry(worker, job, { delayMs: 0, error, maxAttempts: null }),
    ],
    [
      'says later instead of stopping',
      (job: ClaimedJob) => shop.ledger.later(worker, job, { delayMs: 0, reason: error }),
    ],
    ['is handed back instead', (job: ClaimedJob) => shop.ledger.handBack(worker, [job])],
    ['is lost with its worker', () => shop.lose(worker)],
  ] as const)('holds when the handler %s', async (_what, end) => {
    const job = await one();
    await shop.ledger.cancel(job.id);
    await end(job);
    expect(await shop.stateOf(job.id)).toBe('cancelled');
  });

  it('comes too late when the job has finished, and a finish that is on its way wins', async () => {
    const job = await one();
    let verdict: Promise<string> | undefined;
    await shop.db.transaction(async (tx) => {
      await tx.query({ text: 'SELECT agents.finish($1, $2, $3)', values: [job.id, job.dispatch, worker] });
      verdict = shop.ledger.cancel(job.id);
      await until(async () => (await waiting()) === 1, { what: 'the cancel to wait for the finish' });
    });
    expect(await verdict).toBe('finished');
    expect(await shop.stateOf(job.id)).toBe('done');
  });

  it('does not undo a finish that comes before the handler has noticed', async () => {
    const job = await one();
    expect(await shop.ledger.cancel(job.id)).toBe('cancelling');
    await shop.ledger.finish(worker, job, { ok: true });
    expect(await shop.row(job.id)).toMatchObject({ state: 'done', result: { ok: true } });
  });

  it('puts a dead letter aside', async () => {
    const job = await one();
    await shop.ledger.bury(worker, job, error);
    expect(await shop.ledger.cancel(job.id)).toBe('cancelled');
    expect(await shop.row(job.id)).toMatchObject({ state: 'cancelled', last_error: error });
  });

  it('of a job that nobody knows says so', async () => {
    expect(await shop.ledger.cancel(worker)).toBe('unknown');
  });
});

async function waiting(): Promise<number> {
  const [row] = await shop.sql<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
  );
  return row!.n;
}
