import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DeclarationRefused } from './index.ts';
import { anyKind, Shop } from './shop.conformance.ts';

const kept = anyKind('kept');
const former = anyKind('former');
const ordered = anyKind('ordered', { ordered: true });

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open([kept, former, ordered]);
});
afterEach(async () => {
  await shop.empty();
  await shop.declare([kept, former, ordered]);
});
afterAll(() => shop.close());

describe('an agent that starts', () => {
  it('is refused while jobs wait of a kind that it no longer has, whatever state they are in', async () => {
    const id = await shop.enqueue(former);
    const worker = await shop.worker();
    await shop.ledger.bury(worker, await shop.claimOne(worker, former), { code: 'test.failed' });
    const refusal: unknown = await shop.declare([kept, ordered]).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DeclarationRefused);
    expect(String(refusal)).toContain('no longer has the kind cfdi.former, but 1 unfinished jobs');
    await shop.ledger.cancel(id);
    await shop.declare([kept, ordered]);
  });

  it('retires a kind that it no longer has: it is unknown to who enqueues, until it comes back', async () => {
    await shop.declare([kept, ordered]);
    await expect(shop.enqueue(former)).rejects.toMatchObject({ code: 'agents.unknown-kind' });
    await shop.declare([kept, former, ordered]);
    await shop.enqueue(former);
  });

  it('is refused when an order would be lost', async () => {
    await shop.enqueue(ordered, {}, { orderKey: 'a' });
    await expect(shop.declare([kept, former, anyKind('ordered')])).rejects.toThrow(/whose order would be lost/);
  });

  it('may be started by many replicas at once', async () => {
    await Promise.all(Array.from({ length: 6 }, () => shop.declare([kept, former, ordered])));
    expect(await shop.sql(`SELECT name FROM agents.kinds WHERE agent = 'cfdi' ORDER BY name`)).toEqual([
      { name: 'cfdi.former' },
      { name: 'cfdi.kept' },
      { name: 'cfdi.ordered' },
    ]);
  });

  it('does not rewrite what has not changed: enqueue reads these rows all the time', async () => {
    const versions = () => shop.sql('SELECT name, xmin::text FROM agents.kind ORDER BY name');
    const before = await versions();
    await shop.declare([kept, former, ordered]);
    expect(await versions()).toEqual(before);
  });

  it('works only for an agent that was declared', async () => {
    const start = { agent: 'nobody', instance: 'x', incarnation: '0192f0c1-7b1a-7e1a-8f1a-0192f0c17b1a' };
    await shop.sql(`SELECT agents.declare('sync', '1', '[]')`);
    await expect(shop.ledger.startWorker(start)).rejects.toMatchObject({ code: 'agents.not-allowed' });
    const superuser = shop.sql(`SELECT * FROM agents.start_worker('nobody', 'x', gen_random_uuid(), '{}')`);
    await expect(superuser).rejects.toMatchObject({ code: 'NX004' });
  });
});
