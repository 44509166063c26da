import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DeclarationRefused, type Declaration } from './index.ts';
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

describe('two versions of an agent at once', () => {
  const added = anyKind('added');
  const old = { agent: 'cfdi', version: '7.0.0', kinds: [kept, former] };
  const recent = {
    agent: 'cfdi',
    version: '8.0.0',
    kinds: [anyKind('kept', { enqueuers: ['sync'] }), added],
    subscriptions: [{ event: 'test.event', kind: 'cfdi.added' }],
    schedules: [{ name: 'cfdi.added', kind: 'cfdi.added', payload: {}, everyMs: 3_600_000, zone: 'UTC' }],
  };
  /** A process of this version, as it starts. */
  const start = async (declaration: Declaration) => {
    await shop.ledger.declare(declaration);
    const incarnation = randomUUID();
    const about = { version: declaration.version };
    await shop.ledger.startWorker({ agent: 'cfdi', instance: randomUUID(), incarnation, about });
    return incarnation;
  };
  const names = async () =>
    (await shop.sql<{ name: string }>(`SELECT name FROM agents.kinds WHERE agent = 'cfdi' ORDER BY name`)).map(
      ({ name }) => name,
    );

  it('leave the newer one what it has, while the older one starts again beside it', async () => {
    await start(old);
    await start(recent);
    expect(await names()).toEqual(['cfdi.added', 'cfdi.kept']);
    await shop.sql(`SELECT agents.pause_schedule('cfdi.added')`);
    await start(old);
    expect(await names()).toEqual(['cfdi.added', 'cfdi.former', 'cfdi.kept']);
    await shop.enqueue(added);
    expect(await shop.sql(`SELECT agents.emit('test.event', '{}') AS rung`)).toEqual([{ rung: ['cfdi.added'] }]);
    expect(await shop.sql('SELECT name, paused FROM agents.schedules')).toEqual([{ name: 'cfdi.added', paused: true }]);
    expect(await shop.sql(`SELECT enqueuers FROM agents.kinds WHERE name = 'cfdi.kept'`)).toEqual([
      { enqueuers: ['sync'] },
    ]);
    expect(await shop.sql(`SELECT version FROM agents.agent WHERE name = 'cfdi'`)).toEqual([{ version: '8.0.0' }]);
  });

  it.each([
    ['said goodbye', (worker: string) => shop.ledger.stopWorker(worker)],
    ['was lost', (worker: string) => shop.lose(worker)],
    ['is silent for a minute', () => shop.sql(`UPDATE agents.worker SET beat_at = beat_at - interval '61 s'`)],
  ])('are one again once the newer one %s: what only it had is retired', async (_what, end) => {
    await start(old);
    await end(await start(recent));
    await start(old);
    expect(await names()).toEqual(['cfdi.former', 'cfdi.kept']);
    expect(await shop.sql('SELECT FROM agents.schedules')).toEqual([]);
    expect(await shop.sql('SELECT FROM agents.subscription')).toEqual([]);
    expect(await shop.sql(`SELECT version FROM agents.agent WHERE name = 'cfdi'`)).toEqual([{ version: '7.0.0' }]);
  });

  it('let neither start while jobs of a kind wait that nobody has', async () => {
    await start(old);
    await start(recent);
    await start(old);
    await shop.enqueue(former);
    await expect(start(recent)).rejects.toThrow('no longer has the kind cfdi.former, but 1 unfinished jobs');
  });
});
