import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@nexora/testing';
import type { Job } from '../job.ts';
import { sampleKind, Workshop, type Note } from './workshop.conformance.ts';
import type { Kind } from '@nexora/contracts';

const work = sampleKind('work');

let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
  await shop.declare([work]);
});
afterEach(() => shop.end());

/** Resolves when the signal aborts, then throws its reason: what a well-behaved handler does. */
const untilAborted = (job: Job<Kind<Note, Note>>) =>
  new Promise<never>((_resolve, reject) =>
    job.signal.addEventListener('abort', () => reject(job.signal.reason as Error), { once: true }),
  );
const started = () => until(() => shop.told('started').length > 0, { what: 'the job to start' });

describe('a cancel', () => {
  it('ends a waiting job before anybody sees it', async () => {
    const id = await shop.enqueue(work);
    expect(await shop.ledger.cancel(id)).toBe('cancelled');
    const after = await shop.enqueue(work);
    const seen: string[] = [];
    await shop.work([{ kind: work, handle: async (job) => (seen.push(job.id), {}) }]);
    await shop.becomes(after, 'done');
    expect(seen).toEqual([after]);
    expect(await shop.state(id)).toBe('cancelled');
  });

  it('aborts a running one within moments, and it ends cancelled', async () => {
    const id = await shop.enqueue(work);
    await shop.work([{ kind: work, handle: untilAborted }]);
    await started();
    const asked = performance.now();
    expect(await shop.ledger.cancel(id)).toBe('cancelling');
    await shop.becomes(id, 'cancelled');
    expect(performance.now() - asked).toBeLessThan(2_000);
    expect(shop.told('cancelled')).toMatchObject([{ job: id }]);
  });

  it('reaches its worker with the next heartbeat when the notification is lost', async () => {
    const id = await shop.enqueue(work);
    await shop.work([{ kind: work, handle: untilAborted }]);
    await started();
    const lost = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%listener'`;
    await shop.database.query({ text: lost });
    await shop.ledger.cancel(id);
    await shop.becomes(id, 'cancelled');
  });

  it('leaves a running one with an open intent in doubt', async () => {
    const id = await shop.enqueue(work);
    await shop.work([
      {
        kind: work,
        handle: async (job) => {
          await job.intend(async () => undefined);
          job.progress(0.5, 'asked');
          return untilAborted(job);
        },
      },
    ]);
    await until(async () => (await shop.row(id))['progress_phrase'] === 'asked', { what: 'the intent' });
    await shop.ledger.cancel(id);
    await shop.becomes(id, 'in_doubt');
  });

  it('comes too late for a job whose completion was committed first', async () => {
    const id = await shop.enqueue(work);
    await shop.work([{ kind: work, handle: async () => ({ first: true }) }]);
    await shop.becomes(id, 'done');
    expect(await shop.ledger.cancel(id)).toBe('finished');
  });

  it('does not stop a handler that finishes in spite of it', async () => {
    const id = await shop.enqueue(work);
    await shop.work([
      {
        kind: work,
        handle: async (job) => {
          await untilAborted(job).catch(() => undefined);
          return job.finish(async () => ({ all: 'the same' }));
        },
      },
    ]);
    await started();
    await shop.ledger.cancel(id);
    await shop.becomes(id, 'done');
  });

  it('of a handler that is deaf takes effect at its time limit', async () => {
    const id = await shop.enqueue(work);
    await shop.work([{ kind: work, timeoutMs: 500, handle: () => new Promise(() => undefined) }]);
    await started();
    await shop.ledger.cancel(id);
    await shop.becomes(id, 'cancelled');
  });
});
