import { setTimeout as takes } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@nexora/testing';
import { sampleKind, Workshop } from './workshop.conformance.ts';

const work = sampleKind('work', { delivery: 'at-least-once' });

let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
  await shop.declare([work]);
});
afterEach(() => shop.end());

const started = (count: number) => until(() => shop.told('started').length === count, { what: `${count} to run` });

describe('a worker that leaves', () => {
  it('lets running jobs end within the grace and claims nothing more', async () => {
    await shop.enqueueMany(work, 10);
    const worker = await shop.work([{ kind: work, concurrency: 2, handle: () => takes(200, {}) }]);
    await started(2);
    const asked = performance.now();
    await worker.stop(10_000);
    expect(performance.now() - asked).toBeLessThan(2_000);
    expect(await shop.count(`state = 'done'`)).toBe(2);
    expect(await shop.count(`state = 'pending' AND attempts = 0 AND dispatch = 0`)).toBe(8);
  });

  it('gives back what has not ended by then, without counting it, and aborts it', async () => {
    const obeys = await shop.enqueue(work, { obeys: true });
    const deaf = await shop.enqueue(work, { obeys: false });
    const worker = await shop.work([
      {
        kind: work,
        concurrency: 2,
        handle: (job) =>
          new Promise((_resolve, reject) => {
            if (job.payload['obeys'] === true) {
              job.signal.addEventListener('abort', () => reject(job.signal.reason as Error));
            }
          }),
      },
    ]);
    await started(2);
    await worker.stop(100);
    for (const id of [obeys, deaf]) {
      expect(await shop.row(id)).toMatchObject({ state: 'pending', attempts: 0, losses: 0, last_error: null });
    }
    expect(shop.told('handed-back')).toHaveLength(2);
    expect(await shop.ledger.watch('sample')).toEqual([]);
    await shop.work([{ kind: work, concurrency: 2, handle: async () => ({}) }]);
    await shop.becomes(obeys, 'done');
    await shop.becomes(deaf, 'done');
  });

  it('lets a second worker of the house take over at once', async () => {
    const worker = await shop.work([{ kind: work, handle: async () => ({}) }]);
    await worker.stop(0);
    const id = await shop.enqueue(work);
    await shop.work([{ kind: work, handle: async () => ({}) }]);
    await shop.becomes(id, 'done');
  });
});
