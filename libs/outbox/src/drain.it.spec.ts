import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DeclaredKind } from './index.ts';
import { anyKind, Shop } from './shop.conformance.ts';

const local = anyKind('local');
const renew = anyKind('renew', { needsInternet: 'licence', dependsOnTime: false });
const stamp = anyKind('stamp', { needsInternet: 'stamping', needsLicense: true });
const notify = anyKind('notify', { needsInternet: 'notification' });
const remind = anyKind('remind', { needsInternet: 'notification' });

interface Row {
  class: string;
  open: boolean;
  waiting: number;
  due: number;
  done: number;
  rate_per_minute: number;
  estimated_seconds: number | null;
}

let shop: Shop;
let worker: string;
beforeAll(async () => {
  shop = await Shop.open([local, renew, stamp, notify, remind]);
});
beforeEach(async () => {
  worker = await shop.worker();
});
afterEach(async () => {
  await shop.empty();
  await shop.sql('UPDATE agents.connectivity SET returned_at = NULL');
});
afterAll(() => shop.close());

const line = (state: string) => shop.sql('SELECT agents.report_connectivity($1)', [state]);
const progress = () =>
  shop.db.query<Row>({
    text: `SELECT class, open, waiting::int, due::int, done::int, rate_per_minute, estimated_seconds
             FROM agents.drain_progress()`,
  });
const of = async (name: string) => (await progress()).find((row) => row.class === name)!;

async function does(kind: DeclaredKind, rows: number): Promise<void> {
  for (const job of await shop.claim(worker, kind, rows)) await shop.ledger.finish(worker, job);
}

describe('the progress of a drain', () => {
  it('tells each class in the order of release, also while there is nothing to do', async () => {
    const rest = { open: true, waiting: 0, due: 0, done: 0, rate_per_minute: 0, estimated_seconds: 0 };
    expect(await progress()).toEqual(
      ['licence', 'stamping', 'notification', 'copy'].map((name) => ({ class: name, ...rest })),
    );
  });

  it('counts what is left, what is done since the line came back, how quickly, and how long it will take', async () => {
    await shop.enqueue(stamp);
    await does(stamp, 1); // before the line went away: no part of the drain
    await shop.enqueueMany(stamp, 5);
    await shop.enqueueMany(notify, 2);
    await shop.enqueue(remind);
    await shop.enqueue(remind, {}, { runAt: new Date(Date.now() + 3_600_000) });
    await shop.enqueueMany(local, 3);
    await line('offline');
    expect(await of('stamping')).toMatchObject({ open: false, waiting: 5, due: 5, done: 0, estimated_seconds: null });
    await line('online');
    await shop.ledger.openClasses();
    await does(stamp, 2);
    await shop.moveClock('30 s');
    expect(await progress()).toMatchObject([
      { class: 'licence', open: true, waiting: 0 },
      { class: 'stamping', open: true, waiting: 3, due: 3, done: 2 },
      { class: 'notification', open: false, waiting: 4, due: 3, done: 0, estimated_seconds: null },
      { class: 'copy', open: false, waiting: 0, due: 0, estimated_seconds: 0 },
    ]);
    const { rate_per_minute: rate, estimated_seconds: seconds } = await of('stamping');
    expect(Math.round(rate)).toBe(4);
    expect(Math.round(seconds! / 5)).toBe(9); // 3 rows at 4 a minute
  });

  it('has the rate of the last minute, and no estimate while nothing ends', async () => {
    await line('offline');
    await line('online');
    await shop.enqueueMany(stamp, 3);
    await does(stamp, 1);
    await shop.moveClock('4 min');
    await shop.sql(`UPDATE agents.connectivity SET checked_at = agents.now()`);
    expect(await of('stamping')).toMatchObject({ due: 2, done: 1, rate_per_minute: 0, estimated_seconds: null });
    await does(stamp, 2);
    expect(await of('stamping')).toMatchObject({ due: 0, done: 3, rate_per_minute: 2, estimated_seconds: 0 });
  });

  it('begins anew when the line is lost in the middle and comes back again', async () => {
    await shop.enqueueMany(stamp, 4);
    await line('offline');
    await line('online');
    await shop.ledger.openClasses();
    await does(stamp, 2);
    await line('offline');
    expect(await of('stamping')).toMatchObject({ open: false, due: 2, done: 2 });
    await line('online');
    await shop.ledger.openClasses();
    expect(await of('stamping')).toMatchObject({ open: true, due: 2, done: 0 });
    await does(stamp, 2);
    expect(await of('stamping')).toMatchObject({ due: 0, done: 2, estimated_seconds: 0 });
  });

  it('promises nothing for rows that are held, paused or wait for the licence: they are left, and not due', async () => {
    await shop.enqueueMany(stamp, 2);
    await shop.enqueue(stamp, {}, { scope: 'EKU9003173C9' });
    const held = { kind: 'cfdi.stamp', scope: 'EKU9003173C9' };
    await shop.ledger.hold(held, 'paused issuer');
    expect(await of('stamping')).toMatchObject({ waiting: 3, due: 2 });
    await shop.sql(`SELECT agents.report_license('limited')`);
    expect(await of('stamping')).toMatchObject({ waiting: 3, due: 0, estimated_seconds: 0 });
    await shop.sql(`SELECT agents.report_license('valid')`);
    await shop.ledger.pause('cfdi');
    expect(await of('stamping')).toMatchObject({ waiting: 3, due: 0 });
  });

  it('reads what waits once, however much it is', async () => {
    await line('offline');
    await shop.enqueueMany(stamp, 30_000);
    const begin = performance.now();
    expect(await of('stamping')).toMatchObject({ waiting: 30_000, due: 30_000 });
    // Some 30 ms on a quiet machine; asking the gates for each row anew would take seconds.
    expect(performance.now() - begin).toBeLessThan(2_000);
  });
});
