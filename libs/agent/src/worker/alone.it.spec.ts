import { randomUUID } from 'node:crypto';
import { setTimeout as takes } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@nexora/testing';
import { sampleKind, Workshop } from './workshop.conformance.ts';

const work = sampleKind('work', { delivery: 'at-least-once' });
const other = sampleKind('other', { delivery: 'at-least-once' });
const long = sampleKind('long', { delivery: 'at-least-once' });

let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
  await shop.declare([work, other, long]);
});
afterEach(() => shop.end());

/** A process that claims so many rows of `work` and then dies. */
async function lose(rows: number): Promise<void> {
  const incarnation = randomUUID();
  await shop.ledger.startWorker({ agent: 'sample', instance: 'test-0', incarnation });
  expect(await shop.ledger.claim({ incarnation, kind: work.name, max: rows })).toHaveLength(rows);
}

describe('a row whose worker was lost', () => {
  it('runs with nothing beside it until it ends, and the others go on before and after', async () => {
    await shop.enqueueMany(work, 3);
    await lose(3);
    await shop.enqueueMany(other, 40);
    await shop.enqueueMany(work, 5);
    let running = 0;
    const company: number[] = [];
    const handle = async ({ kind, dispatch }: { kind: string; dispatch: number }) => {
      running++;
      if (kind === work.name && dispatch > 1) company.push(running);
      await takes(5);
      if (kind === work.name && dispatch > 1) company.push(running);
      running--;
      return {};
    };
    await shop.work([
      { kind: work, concurrency: 4, handle },
      { kind: other, concurrency: 4, handle },
    ]);
    await until(async () => (await shop.count(`state = 'done'`)) === 48, { within: 20_000, what: 'all to be done' });
    expect(company).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('comes through behind a long job, before the next one, and nobody waits for that longer than a few seconds', async () => {
    await shop.enqueue(work, { sick: true });
    await lose(1);
    for (let i = 0; i < 3; i++) await shop.enqueue(long);
    const order: string[] = [];
    const handle = async ({ kind }: { kind: string }) => {
      order.push(kind);
      await takes(kind === long.name ? 9_000 : 5, undefined, { ref: false }); // the last one outlives the test
      return {};
    };
    await shop.work([work, other, long].map((kind) => ({ kind, handle })));
    const waits: number[] = [];
    while (!order.includes(work.name)) {
      const began = performance.now();
      await shop.becomes(await shop.enqueue(other), 'done', 20_000);
      waits.push(performance.now() - began);
    }
    expect(order.filter((kind) => kind !== other.name).slice(0, 2)).toEqual([long.name, work.name]);
    expect(Math.max(...waits)).toBeGreaterThan(3_000); // the process did drain while the long job ran
    expect(Math.max(...waits)).toBeLessThan(10_000); // and not until it ended
  }, 60_000);

  it('leaves the others all slots while it may not be claimed', async () => {
    const held = await shop.enqueue(work, {}, { scope: 'held' });
    await lose(1);
    await shop.ledger.hold({ scope: 'held' }, 'a test');
    let running = 0;
    let most = 0;
    const handle = async () => {
      most = Math.max(most, ++running);
      await takes(50);
      running--;
      return {};
    };
    await shop.enqueueMany(other, 200);
    await shop.work([
      { kind: work, handle },
      { kind: other, concurrency: 10, handle },
    ]);
    await until(async () => (await shop.count(`state = 'done'`)) === 200, { what: 'the others to be done' });
    expect(most).toBe(10);
    expect(await shop.state(held)).toBe('pending');
  });
});
