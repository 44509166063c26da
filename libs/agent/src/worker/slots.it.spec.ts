import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as takes } from 'node:timers/promises';
import { until } from '@nexora/testing';
import { sampleKind, Workshop } from './workshop.conformance.ts';

const work = sampleKind('work', { delivery: 'at-least-once' });
const other = sampleKind('other', { delivery: 'at-least-once' });
const ordered = sampleKind('ordered', { delivery: 'at-least-once', ordered: true });

let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
  await shop.declare([work, other, ordered]);
});
afterEach(() => shop.end());

const allDone = (count: number, kind = 'sample.work', within = 20_000) =>
  until(async () => (await shop.count(`kind = '${kind}' AND state = 'done'`)) === count, {
    within,
    what: `${count} ${kind} to be done`,
  });

/** Counts how many run at once. */
function gauge() {
  const seen = { now: 0, most: 0 };
  const during = async <T>(doing: () => Promise<T>): Promise<T> => {
    seen.most = Math.max(seen.most, ++seen.now);
    try {
      return await doing();
    } finally {
      seen.now--;
    }
  };
  return { seen, during };
}

describe('the slots of a kind', () => {
  it('are never more than its concurrency, and all of them are used', async () => {
    await shop.enqueueMany(work, 60);
    const { seen, during } = gauge();
    await shop.work([{ kind: work, concurrency: 4, handle: () => during(() => takes(5, {})) }]);
    await allDone(60);
    expect(seen.most).toBe(4);
  });

  it('go on while one job in twenty is slow', async () => {
    await shop.enqueueMany(work, 200);
    const began = performance.now();
    const slow = ({ payload }: { payload: { [key: string]: unknown } }) => Number(payload['n']) % 20 === 0;
    await shop.work([{ kind: work, concurrency: 4, handle: (job) => takes(slow(job) ? 400 : 5, {}) }]);
    await allDone(200);
    // 10 slow ones of 0.4 s and 190 quick ones on 4 slots: about 1.3 s of work. Batches that wait for their slowest
    // row would take 10 × 0.4 s and more.
    expect(performance.now() - began).toBeLessThan(3_500);
  });

  it('take rows of low priority too under a steady load of high', async () => {
    await shop.enqueueMany(work, 20, 'low');
    const stop = new AbortController();
    const load = (async () => {
      while (!stop.signal.aborted) {
        await shop.enqueueMany(work, 40, 'high');
        await takes(20);
      }
    })();
    await shop.work([{ kind: work, concurrency: 2, handle: () => takes(2, {}) }]);
    const lowDone = () => shop.count(`priority = 'low' AND state = 'done'`);
    await until(async () => (await lowDone()) >= 10, { within: 20_000, what: 'low ones to be done' });
    const waiting = await shop.count(`priority = 'high' AND state = 'pending'`);
    stop.abort();
    await load;
    expect(waiting).toBeGreaterThan(100);
  });

  it('are not held up by 10,000 waiting rows of another kind', async () => {
    await shop.enqueueMany(work, 10_000);
    await shop.work([
      { kind: work, concurrency: 4, handle: () => takes(20, {}) },
      { kind: other, concurrency: 2, handle: () => takes(1, {}) },
    ]);
    const waits: number[] = [];
    for (let i = 0; i < 20; i++) {
      const began = performance.now();
      const id = await shop.enqueue(other);
      await shop.becomes(id, 'done');
      waits.push(performance.now() - began);
    }
    waits.sort((a, b) => a - b);
    expect(waits[10]).toBeLessThan(150);
    expect(await shop.count(`kind = 'sample.work' AND state = 'pending'`)).toBeGreaterThan(5_000);
  });
});

describe('two replicas', () => {
  it('share the rows, each running one as often as it was handed over', async () => {
    await shop.enqueueMany(work, 300);
    const runs = new Map<unknown, number>();
    const by = [0, 0];
    const replica = (index: number) =>
      shop.work([
        {
          kind: work,
          concurrency: 3,
          handle: async ({ payload }) => {
            runs.set(payload['n'], (runs.get(payload['n']) ?? 0) + 1);
            by[index] = (by[index] ?? 0) + 1;
            return takes(3, {});
          },
        },
      ]);
    await Promise.all([replica(0), replica(1)]);
    await allDone(300);
    expect(runs.size).toBe(300);
    expect([...runs.values()].every((times) => times === 1)).toBe(true);
    expect(Math.min(...by)).toBeGreaterThan(50);
  });

  it('keep the total of a kind together', async () => {
    await shop.declare([], { kinds: [{ kind: work, total: 3 }, { kind: other }, { kind: ordered }] });
    await shop.enqueueMany(work, 40);
    const { seen, during } = gauge();
    const replica = () =>
      shop.work([{ kind: work, concurrency: 3, total: 3, handle: () => during(() => takes(10, {})) }]);
    const began = performance.now();
    await Promise.all([replica(), replica()]);
    await allDone(40);
    expect(seen.most).toBe(3);
    // A slot that falls free lets the next row start at once; by the poll alone this would take 13 s.
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('keep the rate of a kind together', async () => {
    const rate = { count: 5, perMs: 1_000 };
    await shop.declare([], { kinds: [{ kind: work, rate }, { kind: other }, { kind: ordered }] });
    await shop.enqueueMany(work, 14);
    const starts: number[] = [];
    const handle = async () => {
      starts.push(performance.now());
      return {};
    };
    const replica = () => shop.work([{ kind: work, concurrency: 5, handle }]);
    await Promise.all([replica(), replica()]);
    await allDone(14);
    starts.sort((a, b) => a - b);
    // A full window at the start, then 5 a second.
    expect((starts[13] ?? 0) - (starts[0] ?? 0)).toBeGreaterThan(1_500);
  });

  it('never run two rows of one order key at once, and run them in their order', async () => {
    for (let n = 0; n < 12; n++) {
      for (const orderKey of ['a', 'b', 'c']) await shop.enqueue(ordered, { orderKey, n }, { orderKey });
    }
    const running = new Set<unknown>();
    const order = new Map<unknown, unknown[]>();
    const overlaps: unknown[] = [];
    const replica = () =>
      shop.work([
        {
          kind: ordered,
          concurrency: 4,
          handle: async ({ payload: { orderKey, n } }) => {
            if (running.has(orderKey)) overlaps.push([orderKey, n]);
            running.add(orderKey);
            order.set(orderKey, [...(order.get(orderKey) ?? []), n]);
            await takes(5);
            running.delete(orderKey);
            return {};
          },
        },
      ]);
    const began = performance.now();
    await Promise.all([replica(), replica()]);
    await allDone(36, 'sample.ordered', 30_000);
    expect(overlaps).toEqual([]);
    expect(performance.now() - began).toBeLessThan(5_000);
    for (const key of ['a', 'b', 'c']) expect(order.get(key)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });
});
