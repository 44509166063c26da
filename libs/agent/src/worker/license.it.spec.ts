import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as takes } from 'node:timers/promises';
import { HouseClock } from '@nexora/runtime';
import { until } from '@nexora/testing';
import { pulse } from './liveness.ts';
import { sampleKind, Workshop, type Note } from './workshop.conformance.ts';

const inside = sampleKind('inside');
const licensed = sampleKind('licensed', { needsLicense: true });
const stamp = sampleKind('stamp', { needsLicense: true, needsInternet: 'stamping' });
const notify = sampleKind('notify', { needsInternet: 'notification' });
const copy = sampleKind('copy', { needsInternet: 'copy' });

/** A clock whose waits never end: no poll and no heartbeat comes by itself, so only what is told counts. */
class StillClock extends HouseClock {
  override sleep(_ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
  }
}

let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
  await shop.declare([inside, licensed, stamp, notify, copy]);
});
afterEach(() => shop.end());

const audit = async () => {
  const text = 'SELECT woken FROM agents.audit()';
  return (await shop.database.query<{ woken: string[] }>({ text }))[0]?.woken;
};

describe('while the licence is limited', () => {
  it('work that needs it waits and burns nothing, what runs ends, and all else goes on', async () => {
    let release: () => void = () => undefined;
    const handle = async ({ payload }: { payload: Note }) => {
      if (payload['wait'] === true) await new Promise<void>((resolve) => (release = resolve));
      return {};
    };
    const running = await shop.enqueue(licensed, { wait: true });
    await shop.work([
      { kind: inside, handle },
      { kind: licensed, concurrency: 2, handle },
    ]);
    await shop.tells('started');
    await shop.ledger.reportLicense({ mode: 'limited', reason: 'file expired' });
    const waits = await shop.enqueue(licensed);
    await shop.becomes(await shop.enqueue(inside), 'done');
    release();
    await shop.becomes(running, 'done');
    await takes(1_500); // longer than a poll: nothing may happen, and nothing announces that
    expect(await shop.row(waits)).toMatchObject({ state: 'pending', attempts: 0, dispatch: 0 });
  });

  it('a drain after an outage goes past the stampings that wait for it, and they follow by themselves', async () => {
    await shop.ledger.reportLicense({ mode: 'limited' });
    await shop.ledger.reportConnectivity({ state: 'offline' });
    for (let i = 0; i < 3; i++) for (const kind of [stamp, notify, copy]) await shop.enqueue(kind, { i });
    const order: string[] = [];
    const handle = async ({ kind }: { kind: string }) => {
      order.push(kind);
      return {};
    };
    await shop.work(
      [stamp, notify, copy].map((kind) => ({ kind, handle })),
      { pulse: { ...pulse(), beatMs: 200 } },
    );
    await shop.ledger.reportConnectivity({ state: 'online' });
    await until(async () => (await shop.count(`state = 'done'`)) === 6, {
      within: 10_000,
      what: 'all but the stampings',
    });
    expect(new Set(order)).toEqual(new Set(['sample.notify', 'sample.copy']));
    await shop.ledger.reportLicense({ mode: 'valid' });
    await until(async () => (await shop.count(`state = 'done'`)) === 9, { within: 10_000, what: 'the stampings' });
  });

  it('a job whose request went out is asked after and brought to its end', async () => {
    let runs = 0;
    const sent = await shop.enqueue(licensed);
    await shop.work([
      {
        kind: licensed,
        handle: async (job) => {
          if (++runs === 1) {
            await job.intend({ text: 'SELECT 1' });
            await shop.ledger.reportLicense({ mode: 'invalid', reason: 'bad signature' });
            throw new Error('the answer was lost');
          }
          return { asked: job.openIntent !== null };
        },
      },
    ]);
    await shop.becomes(sent, 'done');
    expect(await shop.row(sent)).toMatchObject({ result: { asked: true } });
  });
});

describe('when the licence carries the house again', () => {
  it('what waited starts at once, without waiting for poll or heartbeat', async () => {
    await shop.ledger.reportLicense({ mode: 'limited' });
    await shop.work([{ kind: licensed, concurrency: 2, handle: async () => ({}) }], { clock: new StillClock() });
    await shop.enqueueMany(licensed, 10);
    await takes(100); // each commit was told: nothing may happen, and nothing announces that
    expect(await shop.count(`state = 'pending' AND dispatch = 0`)).toBe(10);
    await shop.ledger.reportLicense({ mode: 'valid' });
    await until(async () => (await shop.count(`state = 'done'`)) === 10, { what: 'all to be done' });
  });
});

describe('rows that a process overlooks', () => {
  it('are claimed at once when the audit has found them, whatever the process remembers', async () => {
    await shop.work([{ kind: inside, handle: async () => ({}) }], { clock: new StillClock() });
    await shop.database.query({ text: `UPDATE agents.worker SET started_at = started_at - interval '1 h'` });
    // Due for an hour, and put there behind everybody's back: nobody was told.
    await shop.database.query({ text: `SELECT agents.hold('test', 'sample.inside')` });
    const id = await shop.enqueue(inside);
    await shop.database.query({ text: `UPDATE agents.job SET run_at = run_at - interval '1 h'` });
    await takes(100);
    await shop.database.query({ text: `DELETE FROM agents.hold` });
    expect(await shop.state(id)).toBe('pending');
    expect(await audit()).toEqual(['sample.inside']);
    await shop.becomes(id, 'done');
    expect(await audit()).toEqual([]);
  });
});
