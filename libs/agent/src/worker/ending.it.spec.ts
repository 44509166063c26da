import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Sql } from '@nexora/database';
import { InDoubt, Later, Permanent } from '../fates.ts';
import { sampleKind, Workshop } from './workshop.conformance.ts';

const work = sampleKind('work', { delivery: 'at-least-once' });

let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
  await shop.declare([work]);
  await shop.database.query({ text: 'CREATE TABLE note (job uuid, text text)' });
});
afterEach(() => shop.end());

function note(tx: Sql, job: string, text: string): Promise<unknown> {
  return tx.query({ text: 'INSERT INTO note VALUES ($1, $2)', values: [job, text] });
}

describe('an end that a handler commits with its rows', () => {
  it.each([
    ['Permanent', new Permanent('cfdi.invalid'), 'dead', 'dead'],
    ['InDoubt', new InDoubt('agents.in-doubt'), 'in_doubt', 'in-doubt'],
    ['Later', new Later('1h', 'issuer paused'), 'pending', 'snoozed'],
    ['an error that is retried', new Error('the PAC answers 500'), 'pending', 'retried'],
  ])('is, for %s, where the job rests as soon as the rows are seen', async (_, fate, state, event) => {
    const id = await shop.enqueue(work);
    const resting: unknown[] = [];
    await shop.work([
      {
        kind: work,
        handle: async (job) => {
          if (job.attempts > 0) return {};
          await job.end(fate, (tx) => note(tx, job.id, 'concluded'));
          const rows = { text: `SELECT 1 FROM note WHERE job = $1`, values: [job.id] };
          resting.push((await shop.database.query(rows)).length, (await shop.row(job.id))['state']);
          throw fate;
        },
      },
    ]);
    await shop.tells(event);
    expect(resting).toEqual([1, state]);
    expect(shop.told(event)).toMatchObject([{ job: id }]);
  });

  it('stands, whatever the handler throws or returns afterwards', async () => {
    const ids = [await shop.enqueue(work, { n: 1 }), await shop.enqueue(work, { n: 2 })];
    await shop.work([
      {
        kind: work,
        handle: async (job) => {
          await job.end(new Permanent('cfdi.invalid'), (tx) => note(tx, job.id, 'refused'));
          if (job.payload['n'] === 1) throw new Error('a slip');
          return {};
        },
      },
    ]);
    for (const id of ids) {
      await shop.becomes(id, 'dead');
      expect(await shop.row(id)).toMatchObject({ attempts: 1, last_error: { code: 'cfdi.invalid' } });
    }
    expect(shop.told('retried')).toEqual([]);
  });

  it('is not written when its rows are refused', async () => {
    const id = await shop.enqueue(work);
    await shop.work([
      {
        kind: work,
        handle: async (job) => {
          if (job.attempts > 0) return {};
          await job.end(new Permanent('cfdi.invalid'), (tx) => tx.query({ text: 'SELECT 1 / 0' }));
          return {};
        },
      },
    ]);
    await shop.becomes(id, 'done');
    expect(shop.told('dead')).toEqual([]);
  });

  it('keeps the intent open or closes it, as the handler says', async () => {
    const ids = { open: await shop.enqueue(work), known: await shop.enqueue(work) };
    const later = new Later('1h', 'asks again');
    await shop.work([
      {
        kind: work,
        handle: async (job) => {
          await job.intend((tx) => note(tx, job.id, 'asked'), { key: job.id });
          await job.end(later, (tx) => note(tx, job.id, 'told'), job.id === ids.open ? 'open' : 'known');
          throw later;
        },
      },
    ]);
    await shop.tells('snoozed', 2);
    const text = `SELECT id, intent IS NOT NULL AS open FROM agents.job ORDER BY intent NULLS LAST`;
    expect(await shop.database.query({ text })).toEqual([
      { id: ids.open, open: true },
      { id: ids.known, open: false },
    ]);
  });

  it('of a worker that was replaced writes nothing', async () => {
    const id = await shop.enqueue(work);
    await shop.work([
      {
        kind: work,
        handle: async (job) => {
          await shop.database.query({ text: 'UPDATE agents.job SET dispatch = dispatch + 1' });
          await job.end(new Permanent('cfdi.invalid'), (tx) => note(tx, job.id, 'refused'));
          return {};
        },
      },
    ]);
    await shop.tells('stale');
    expect(await shop.database.query({ text: 'SELECT FROM note' })).toEqual([]);
    expect((await shop.row(id))['state']).toBe('running');
  });
});
