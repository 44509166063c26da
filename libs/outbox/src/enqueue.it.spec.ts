import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { defineKind } from '@nexora/contracts';
import { until } from '@nexora/testing';
import { Client, Pool } from 'pg';
import { z } from 'zod';
import { enqueue, LedgerError, PayloadInvalid, wakeAfterCommit } from './index.ts';
import { anyKind, Shop } from './shop.conformance.ts';

const plain = anyKind('plain');
const ordered = anyKind('ordered', { ordered: true });
const strict = {
  kind: defineKind({ name: 'cfdi.strict', payload: z.object({ total: z.number() }), result: z.null() }),
};
const house = '0192f0c1-7b1a-7e1a-8f1a-0192f0c17b1a';
const chain = '0192f0c1-7b1a-7e1a-8f1a-0192f0c17b1b';

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open([plain, ordered, strict]);
});
afterEach(() => shop.empty());
afterAll(() => shop.close());

const jobs = () => shop.sql<{ id: string }>('SELECT id FROM agents.job');

describe('handing a job over', () => {
  it('happens exactly if the transaction of the business commits', async () => {
    const lost = shop.db.transaction(async (tx) => {
      await enqueue(tx, plain.kind, {});
      throw new Error('the sale was called off');
    });
    await expect(lost).rejects.toThrow('called off');
    expect(await jobs()).toEqual([]);
    const id = await shop.db.transaction((tx) => enqueue(tx, plain.kind, { n: 1 }));
    expect(await jobs()).toEqual([{ id }]);
  });

  it('wakes its kind after the commit, once per job, and never after a rollback', async () => {
    const woken: string[] = [];
    wakeAfterCommit(shop.db, (kind) => woken.push(kind));
    await shop.db.transaction(async (tx) => {
      await enqueue(tx, plain.kind, {});
      expect(woken).toEqual([]);
    });
    expect(woken).toEqual(['cfdi.plain']);
    const rolledBack = shop.db.transaction(async (tx) => {
      await enqueue(tx, plain.kind, {});
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    expect(woken).toEqual(['cfdi.plain']);
  });

  it('works in every sort of transaction that a program may have open', async () => {
    const url = shop.database.urlFor('cfdi');
    const client = new Client({ connectionString: url });
    const pool = new Pool({ connectionString: url, max: 1 });
    await client.connect();
    const runner = shop.db.dataSource.createQueryRunner();
    try {
      await enqueue(shop.db, plain.kind, {});
      await shop.db.transaction((tx) => enqueue(tx, plain.kind, {}));
      await shop.db.transaction((tx) => enqueue(tx.manager, plain.kind, {}));
      await enqueue(runner, plain.kind, {});
      await enqueue(shop.db.dataSource.manager, plain.kind, {});
      await enqueue(client, plain.kind, {});
      await enqueue(pool, plain.kind, {});
    } finally {
      await Promise.all([client.end(), pool.end(), runner.release()]);
    }
    expect(await jobs()).toHaveLength(7);
  });

  it('needs no more than kind and payload from a program that speaks SQL only', async () => {
    const [row] = await shop.db.query<{ id: string }>({
      text: `SELECT agents.enqueue('cfdi.plain', '{"n": 1}') AS id`,
    });
    expect(await shop.row(row!.id)).toMatchObject({ state: 'pending', priority: 'default', attempts: 0 });
  });

  it('gives ids of version 7 that sort by time, also within one statement', async () => {
    const ids = await shop.enqueueMany(plain, 200);
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(200);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const millis = Number.parseInt(ids[0]!.replaceAll('-', '').slice(0, 12), 16);
    expect(Math.abs(millis - Date.now())).toBeLessThan(60_000);
  });

  it('refuses a payload of another shape, naming the field and never its value', async () => {
    const wrong = { total: 'PEGJ800101HDF' } as unknown as { total: number };
    const refused: unknown = await enqueue(shop.db, strict.kind, wrong).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(PayloadInvalid);
    expect(refused).toMatchObject({ code: 'agents.payload-invalid', path: 'total' });
    expect(String(refused)).not.toContain('PEGJ');
  });

  it('refuses what the ledger cannot keep, with a stable code', async () => {
    const unknown = defineKind({ name: 'cfdi.unknown', payload: z.unknown(), result: z.null() });
    const code = (attempt: Promise<unknown>) =>
      attempt.then(
        () => 'taken',
        (error: unknown) => (error instanceof LedgerError ? error.code : String(error)),
      );
    expect(await code(shop.enqueue(unknown))).toBe('agents.unknown-kind');
    expect(await code(shop.enqueue(plain, 'x'.repeat(262_143)))).toBe('agents.payload-too-large');
    expect(await code(shop.enqueue(plain, 'x'.repeat(262_142)))).toBe('taken'); // two quotes more are 262,144 bytes
    expect(await code(shop.enqueue(plain, 'ñ'.repeat(131_072)))).toBe('agents.payload-too-large'); // bytes, not letters
    const full = { a: [1, { b: 'a " b, c: \\' }], x: '' };
    const left = 262_144 - JSON.stringify(full).length;
    expect(await code(shop.enqueue(plain, { ...full, x: 'x'.repeat(left) }))).toBe('taken'); // as JSON, not as Postgres writes it
    expect(await code(shop.enqueue(plain, { ...full, x: 'x'.repeat(left + 1) }))).toBe('agents.payload-too-large');
    expect(await code(shop.enqueue(plain, {}, { priority: 'urgent' as 'high' }))).toBe('agents.bad-argument');
    expect(await code(shop.enqueue(plain, {}, { orderKey: 'a' }))).toBe('agents.bad-argument');
    expect(await code(shop.enqueue(ordered, {}))).toBe('agents.bad-argument');
    expect(await code(shop.enqueue(plain, {}, { dedupeKey: '' }))).toBe('agents.bad-argument');
    expect(await code(shop.enqueue(plain, {}, { dedupeKey: 'x'.repeat(501) }))).toBe('agents.bad-argument');
    const nothing = shop.db.query({ text: `SELECT agents.enqueue('cfdi.plain', NULL)` });
    await expect(nothing).rejects.toMatchObject({ code: 'NX004' });
  });
});

describe('the time from which a job may run', () => {
  const dueIn = async (runAt: string) => {
    const [row] = await shop.db.query<{ id: string }>({
      text: `SELECT agents.enqueue('cfdi.plain', '{}', run_at => $1::timestamptz) AS id`,
      values: [runAt],
    });
    const text = `SELECT date_part('epoch', run_at - created_at)::float8 AS seconds FROM agents.job WHERE id = $1`;
    return (await shop.sql<{ seconds: number }>(text, [row!.id]))[0]!.seconds;
  };

  it.each(['2020-01-01Z', '0001-01-01Z', '4714-11-24 BC', '-infinity'])(
    'is now when it has passed (%s): nobody gets ahead of those who wait',
    async (runAt) => expect(await dueIn(runAt)).toBe(0),
  );

  it('may be years ahead, but no date that other languages cannot represent', async () => {
    const years = (n: number) => new Date(Date.now() + n * 365 * 86_400_000).toISOString();
    expect(await dueIn(years(9))).toBeGreaterThan(8 * 365 * 86_400);
    for (const runAt of [years(11), '294276-12-31', 'infinity']) {
      await expect(dueIn(runAt)).rejects.toMatchObject({
        code: 'NX004',
        message: expect.stringContaining('more than 10 years'),
      });
    }
  });
});

describe('a dedupe key', () => {
  it('answers the job that has it, whatever the payload', async () => {
    const first = await shop.enqueue(plain, { n: 1 }, { dedupeKey: 'sale 7' });
    expect(await shop.enqueue(plain, { n: 2 }, { dedupeKey: 'sale 7' })).toBe(first);
    expect(await shop.enqueue(plain, { n: 2 }, { dedupeKey: 'sale 8' })).not.toBe(first);
  });

  it('counts per organization and per kind', async () => {
    const options = { dedupeKey: 'sale 7' };
    const ids = [
      await shop.enqueue(plain, {}, options),
      await shop.enqueue(plain, {}, { ...options, organization: house }),
      await shop.enqueue(plain, {}, { ...options, organization: chain }),
      await shop.enqueue(strict, { total: 1 }, options),
    ];
    expect(new Set(ids).size).toBe(4);
  });

  it('holds while the job is kept, also after it has finished', async () => {
    const worker = await shop.worker();
    const first = await shop.enqueue(plain, {}, { dedupeKey: 'sale 7' });
    await shop.ledger.finish(worker, await shop.claimOne(worker, plain));
    expect(await shop.stateOf(first)).toBe('done');
    expect(await shop.enqueue(plain, {}, { dedupeKey: 'sale 7' })).toBe(first);
  });

  it('lets two transactions that use it at once end with one job', async () => {
    let second: Promise<string> | undefined;
    const first = await shop.db.transaction(async (tx) => {
      const id = await enqueue(tx, plain.kind, {}, { dedupeKey: 'sale 7' });
      second = shop.enqueue(plain, {}, { dedupeKey: 'sale 7' });
      await until(async () => (await waiting()) === 1, { what: 'the second to wait for the first' });
      return id;
    });
    expect(await second).toBe(first);
    expect(await jobs()).toHaveLength(1);
  });

  it('is free again when the transaction that used it first rolls back', async () => {
    let second: Promise<string> | undefined;
    const first = shop.db.transaction(async (tx) => {
      await enqueue(tx, plain.kind, {}, { dedupeKey: 'sale 7' });
      second = shop.enqueue(plain, {}, { dedupeKey: 'sale 7' });
      await until(async () => (await waiting()) === 1, { what: 'the second to wait for the first' });
      throw new Error('no sale');
    });
    await expect(first).rejects.toThrow('no sale');
    const id = await second;
    expect(await jobs()).toEqual([{ id }]);
  });
});

describe('a listener', () => {
  it('is notified while it sleeps, once per transaction, and not while it is awake', async () => {
    const { heard, listener, settled } = await shop.ear('agents_work');
    await shop.enqueue(plain);
    await settled();
    expect(heard).toEqual([]);
    await listener.query({ text: 'SELECT agents.sleep($1)', values: [['cfdi.plain']] });
    await listener.query({ text: 'SELECT agents.sleep($1)', values: [['cfdi.plain']] }); // twice is as good as once
    await shop.db.transaction(async (tx) => {
      await enqueue(tx, plain.kind, {});
      await enqueue(tx, plain.kind, {});
    });
    await shop.enqueue(ordered, {}, { orderKey: 'a' });
    await settled();
    expect(heard).toEqual(['agents_work cfdi.plain']);
    await listener.query({ text: 'SELECT agents.wake($1)', values: [['cfdi.plain', 'cfdi.ordered']] });
    await shop.enqueue(plain);
    await settled();
    expect(heard).toEqual(['agents_work cfdi.plain']);
    await listener.close();
  });

  it('is notified when a person brings a job back', async () => {
    const worker = await shop.worker();
    const id = await shop.enqueue(plain);
    await shop.ledger.bury(worker, await shop.claimOne(worker, plain), { code: 'test.failed' });
    const { heard, listener, settled } = await shop.ear('agents_work');
    await listener.query({ text: 'SELECT agents.sleep($1)', values: [['cfdi.plain']] });
    await shop.ledger.retryJob(id);
    await settled();
    expect(heard).toEqual(['agents_work cfdi.plain']);
    await listener.close();
  });

  it('is not notified of a job that is not due yet', async () => {
    const { heard, listener, settled } = await shop.ear('agents_work');
    await listener.query({ text: 'SELECT agents.sleep($1)', values: [['cfdi.plain']] });
    await shop.enqueue(plain, {}, { runAt: new Date(Date.now() + 3_600_000) });
    await settled();
    expect(heard).toEqual([]);
    await listener.close();
  });

  it('sleeps no longer than its connection lives', async () => {
    const { listener } = await shop.ear('agents_work');
    await listener.query({ text: 'SELECT agents.sleep($1)', values: [['cfdi.plain']] });
    await listener.close();
    await until(async () => (await sleepers()) === 0, { what: 'the flag to vanish' });
  });
});

async function waiting(): Promise<number> {
  const [row] = await shop.sql<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
  );
  return row!.n;
}

async function sleepers(): Promise<number> {
  const [row] = await shop.sql<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_locks l JOIN pg_database d ON d.oid = l.database
      WHERE l.locktype = 'advisory' AND l.classid = 1852993377 AND d.datname = current_database()`,
  );
  return row!.n;
}
