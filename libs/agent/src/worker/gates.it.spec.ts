import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as takes } from 'node:timers/promises';
import pg from 'pg';
import { HostUnreachable } from '@nexora/connectivity';
import { until } from '@nexora/testing';
import { Later } from '../fates.ts';
import { pulse } from './liveness.ts';
import { sampleKind, Workshop } from './workshop.conformance.ts';

const inside = sampleKind('inside');
const outside = sampleKind('outside', { needsInternet: 'stamping' });
const copy = sampleKind('copy', { needsInternet: 'copy' });

let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
  await shop.declare([inside, outside, copy]);
});
afterEach(() => shop.end());

const line = (state: 'online' | 'offline') => shop.ledger.reportConnectivity({ state });
const done = (kind: string) => shop.count(`kind = '${kind}' AND state = 'done'`);

describe('while the Internet is away', () => {
  it('work that needs it waits and burns nothing, and the rest goes on', async () => {
    await line('offline');
    const waits = await shop.enqueue(outside);
    const goes = await shop.enqueue(inside);
    const handle = async () => ({});
    await shop.work([
      { kind: inside, handle },
      { kind: outside, handle },
      { kind: copy, handle },
    ]);
    await shop.becomes(goes, 'done');
    expect(await shop.row(waits)).toMatchObject({ state: 'pending', attempts: 0, dispatch: 0 });
    await line('online');
    await shop.becomes(waits, 'done');
  });

  it('a job that finds the line gone waits 5 to 30 s without an attempt, and the sync agent is told which host', async () => {
    const hints: (string | undefined)[] = [];
    const sync = new pg.Client(shop.url);
    await sync.connect();
    sync.on('notification', ({ payload }) => hints.push(payload));
    await sync.query('LISTEN agents_hint');
    const first = await shop.enqueue(outside, { by: 'later' });
    const second = await shop.enqueue(outside, { by: 'breaker' });
    await shop.work([
      {
        kind: outside,
        concurrency: 2,
        handle: async ({ payload }) => {
          if (payload['by'] === 'later') throw new Later('internet', 'offline', 'pac.example');
          throw new HostUnreachable('other.example', new Error('ECONNREFUSED'));
        },
      },
    ]);
    await until(() => shop.told('snoozed').length === 2, { what: 'both to be put off' });
    await until(() => hints.length === 2, { what: 'the hints' });
    await sync.end();
    expect(new Set(hints)).toEqual(new Set(['pac.example', 'other.example']));
    for (const id of [first, second]) expect(await shop.row(id)).toMatchObject({ state: 'pending', attempts: 0 });
    for (const { delay_ms: delay } of shop.told('snoozed')) {
      expect(delay).toBeGreaterThanOrEqual(5_000);
      expect(delay).toBeLessThanOrEqual(30_000);
    }
  });
});

describe('after a reconnection', () => {
  it('who holds breakers is told before anything is claimed', async () => {
    await line('offline');
    const id = await shop.enqueue(outside);
    const order: string[] = [];
    const handle = async () => {
      order.push('claimed');
      return {};
    };
    await shop.work([{ kind: outside, handle }], { lineReturned: () => order.push('told') });
    await line('online');
    await shop.becomes(id, 'done');
    expect(order).toEqual(['told', 'claimed']);
  });

  it('slots are used 1, 2, 4 … at a time', async () => {
    await line('offline');
    await shop.work([]); // somebody beats, so that the gate moves
    for (let i = 0; i < 40; i++) await shop.enqueue(outside, { i });
    const atOnce: number[] = [];
    let running = 0;
    await shop.work([
      {
        kind: outside,
        concurrency: 8,
        handle: async () => {
          atOnce.push(++running);
          await takes(20);
          running--;
          return {};
        },
      },
    ]);
    await line('online');
    await until(async () => (await done('sample.outside')) === 40, { within: 20_000, what: 'all to be done' });
    expect(Math.max(...atOnce.slice(0, 1))).toBe(1);
    expect(Math.max(...atOnce.slice(0, 3))).toBeLessThanOrEqual(2);
    expect(Math.max(...atOnce.slice(0, 7))).toBeLessThanOrEqual(4);
    expect(Math.max(...atOnce)).toBe(8);
  });

  it('a class waits until the one before it has nothing more to do', async () => {
    await line('offline');
    for (let i = 0; i < 10; i++) await shop.enqueue(outside, { i });
    await shop.enqueue(copy);
    const order: string[] = [];
    const handle = async ({ kind }: { kind: string }) => {
      order.push(kind);
      return takes(5, {});
    };
    await shop.work(
      [
        { kind: outside, concurrency: 2, handle },
        { kind: copy, handle },
      ],
      { pulse: { ...pulse(), beatMs: 200 } },
    );
    await line('online');
    await until(async () => (await done('sample.copy')) === 1, { within: 20_000, what: 'the copy' });
    expect(order.indexOf('sample.copy')).toBe(10);
  });

  it('the next class opens as soon as the one before runs out, not with the next usual heartbeat', async () => {
    await line('offline');
    for (let i = 0; i < 10; i++) await shop.enqueue(outside, { i });
    await shop.enqueue(copy);
    const handle = async () => takes(5, {});
    await shop.work(
      [
        { kind: outside, concurrency: 2, handle },
        { kind: copy, handle },
      ],
      { pulse: { ...pulse(), beatMs: 600_000 } },
    );
    await line('online');
    await until(async () => (await done('sample.copy')) === 1, { within: 20_000, what: 'the copy' });
  });
});

describe('a standstill', () => {
  it('by a pause or by AGENTS_ENABLED takes nothing, lets running work end, and drains when it is over', async () => {
    let release: () => void = () => undefined;
    const first = await shop.enqueue(inside, { wait: true });
    const handle = async ({ payload }: { payload: { [key: string]: unknown } }) => {
      if (payload['wait'] === true) await new Promise<void>((resolve) => (release = resolve));
      return {};
    };
    await shop.work([{ kind: inside, handle }]);
    await until(() => shop.told('started').length === 1, { what: 'the first to run' });
    await shop.ledger.pause('sample');
    await until(() => shop.told('paused').length === 1, { what: 'the pause to be heard' });
    release();
    await shop.becomes(first, 'done');
    const second = await shop.enqueue(inside);
    await takes(1_500); // longer than a poll: nothing may happen, and nothing announces that
    expect(await shop.row(second)).toMatchObject({ state: 'pending', dispatch: 0 });
    await shop.ledger.resume('sample');
    await shop.becomes(second, 'done');
  });

  it('by AGENTS_ENABLED=false beats and claims nothing', async () => {
    const id = await shop.enqueue(inside);
    const worker = await shop.work([{ kind: inside, handle: async () => ({}) }], { enabled: false });
    await takes(1_500);
    expect(await shop.row(id)).toMatchObject({ state: 'pending', dispatch: 0 });
    expect(worker.standstill).toEqual(['disabled']);
    expect(worker.silentMs).toBeLessThan(5_000);
    await shop.work([{ kind: inside, handle: async () => ({}) }]);
    await shop.becomes(id, 'done');
  });

  it('by a hold leaves out its rows only, until it is released', async () => {
    const held = await shop.enqueue(inside, {}, { scope: 'EKU9003173C9' });
    await shop.ledger.hold({ scope: 'EKU9003173C9' }, 'CSD expired');
    const free = await shop.enqueue(inside);
    await shop.work([{ kind: inside, handle: async () => ({}) }]);
    await shop.becomes(free, 'done');
    expect(await shop.state(held)).toBe('pending');
    await shop.ledger.unhold({ scope: 'EKU9003173C9' });
    await shop.becomes(held, 'done');
  });
});
