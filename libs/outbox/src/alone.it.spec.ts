import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { anyKind, Shop } from './shop.conformance.ts';

const sick = anyKind('sick');
const well = anyKind('well');
const net = anyKind('net', { needsInternet: 'copy' });
const chat = anyKind('chat', { ordered: true });
const rated = anyKind('rated', { rate: { count: 2, perMs: 60_000 } });
const single = anyKind('single', { total: 1 });
const issuer = 'EKU9003173C9';
const house = '0192f0c1-7b1a-7e1a-8f1a-0192f0c17b1a';

let shop: Shop;
let worker: string;
beforeAll(async () => {
  shop = await Shop.open([sick, well, net, chat, rated, single]);
});
beforeEach(async () => {
  worker = await shop.worker();
});
afterEach(() => shop.empty());
afterAll(() => shop.close());

const names = [sick, well, net, chat, rated, single].map(({ kind }) => kind.name);
const claimAlone = () => shop.ledger.claimAlone(worker, names);
const waits = async () => (await shop.ledger.poll(worker, [...appetites()])).aloneWaits;
const appetites = () => names.map((kind) => ({ kind, max: 1 }));
/** As if the workers of all waiting rows had been lost. */
const suspectAll = () => shop.sql('UPDATE agents.job SET alone = true');

describe('a row that must run alone', () => {
  it.each([
    ['held as a kind', () => shop.ledger.hold({ kind: 'cfdi.sick' }, 'test')],
    ['of a paused issuer', () => shop.ledger.hold({ kind: 'cfdi.sick', scope: issuer }, 'test')],
  ])('waits behind none that are %s, however many', async (_what, hold) => {
    await shop.sql(
      `SELECT agents.enqueue('cfdi.sick', '{}', scope => $1, priority => 'critical') FROM generate_series(1, 150)`,
      [issuer],
    );
    const other = await shop.enqueue(well);
    await suspectAll();
    await hold();
    expect(await waits()).toBe(true);
    expect(await claimAlone()).toMatchObject({ id: other });
  });

  it('waits behind none of its own kind that may not run, however many', async () => {
    await shop.sql(`SELECT agents.enqueue('cfdi.sick', '{}', scope => $1) FROM generate_series(1, 150)`, [issuer]);
    const free = await shop.enqueue(sick);
    await suspectAll();
    await shop.sql('SELECT agents.hold($1, scope => $2)', ['test', issuer]);
    expect(await waits()).toBe(true);
    expect(await claimAlone()).toMatchObject({ id: free });
  });

  it('waits behind none that need the Internet while it is away, however many', async () => {
    await shop.enqueueMany(net, 150, 'critical');
    const other = await shop.enqueue(well);
    await suspectAll();
    await shop.sql(`SELECT agents.report_connectivity('offline')`);
    expect(await waits()).toBe(true);
    expect(await claimAlone()).toMatchObject({ id: other });
  });

  it('waits behind none of another order key', async () => {
    await shop.sql(`SELECT agents.enqueue('cfdi.chat', '{}', order_key => 'Ana') FROM generate_series(1, 150)`);
    await suspectAll();
    const busy = await shop.worker();
    expect(await shop.claimAlone(busy, chat)).toMatchObject({ orderKey: 'Ana' });
    expect(await waits()).toBe(false);
    const other = await shop.enqueue(chat, {}, { orderKey: 'Beto' });
    await suspectAll();
    expect(await waits()).toBe(true);
    expect(await claimAlone()).toMatchObject({ id: other });
  });

  it('goes by urgency over all kinds', async () => {
    const [low, high] = [
      await shop.enqueue(sick, {}, { priority: 'low' }),
      await shop.enqueue(well, {}, { priority: 'high' }),
    ];
    await suspectAll();
    const first = await claimAlone();
    expect(first).toMatchObject({ id: high });
    await shop.ledger.finish(worker, first!);
    expect(await claimAlone()).toMatchObject({ id: low });
  });

  it.each([
    ['its kind', { kind: 'cfdi.sick' }],
    ['its organization', { kind: 'cfdi.sick', organization: house }],
    ['its scope', { kind: 'cfdi.sick', scope: issuer }],
    ['its organization and scope', { kind: 'cfdi.sick', organization: house, scope: issuer }],
  ])('is kept back by a hold of %s, and calls nobody to drain', async (_what, target) => {
    const id = await shop.enqueue(sick, {}, { organization: house, scope: issuer });
    await suspectAll();
    await shop.ledger.hold(target, 'test');
    expect([await waits(), await claimAlone()]).toEqual([false, undefined]);
    await shop.ledger.unhold(target);
    expect(await waits()).toBe(true);
    expect(await claimAlone()).toMatchObject({ id });
  });

  it('spends the rate of its kind, and waits for it', async () => {
    await shop.enqueueMany(rated, 3);
    await suspectAll();
    for (let n = 0; n < 2; n += 1) await shop.ledger.finish(worker, (await claimAlone())!);
    expect([await waits(), await claimAlone()]).toEqual([false, undefined]);
    await shop.moveClock('62 s');
    expect(await waits()).toBe(true);
    expect(await claimAlone()).toBeDefined();
  });

  it('waits while the total of its kind is used up', async () => {
    await shop.enqueueMany(single, 2);
    const busy = await shop.worker();
    const running = await shop.claimOne(busy, single);
    await shop.sql(`UPDATE agents.job SET alone = true WHERE state = 'pending'`);
    expect([await waits(), await claimAlone()]).toEqual([false, undefined]);
    await shop.ledger.finish(busy, running);
    expect(await waits()).toBe(true);
    expect(await claimAlone()).toBeDefined();
  });
});
