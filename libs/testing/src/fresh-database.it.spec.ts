import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { freshDatabase, type MigratedDatabase } from './fresh-database.ts';
import { freshRedis } from './fresh-redis.ts';
import { privateRedis } from './private-services.ts';

let one: MigratedDatabase;
let other: MigratedDatabase;

beforeAll(async () => {
  [one, other] = await Promise.all([freshDatabase(), freshDatabase()]);
});

afterAll(async () => {
  await Promise.all([one.drop(), other.drop()]);
});

async function ask(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

describe('a fresh database', () => {
  it('is migrated and apart from every other', async () => {
    await ask(one.url, 'CREATE TABLE public.only_here (x int)');
    const tables = "SELECT count(*)::int AS n FROM pg_tables WHERE tablename = 'only_here'";
    expect([await ask(one.url, tables), await ask(other.url, tables)]).toEqual([[{ n: 1 }], [{ n: 0 }]]);
    expect(await ask(other.url, "SELECT nspname FROM pg_namespace WHERE nspname = 'agents'")).toHaveLength(1);
  });

  it.each(['cfdi', 'sync', 'admin-gateway', 'client', 'clock'])('lets the login of %s in', async (app) => {
    const [row] = (await ask(one.urlFor(app), 'SELECT current_user AS me')) as { me: string }[];
    expect(row?.me).toBe(`nexora_${app.replace('admin-', '')}`);
  });

  it('is gone after drop, whoever is still connected', async () => {
    const dropped = await freshDatabase({ migrated: false });
    const client = new pg.Client({ connectionString: dropped.url });
    client.on('error', () => undefined); // the drop ends this connection
    await client.connect();
    await dropped.drop();
    await expect(ask(dropped.url, 'SELECT 1')).rejects.toThrow(/does not exist/);
  });
});

describe('a fresh Redis', () => {
  it('shares no key with another, and its number is free again after release', async () => {
    const [first, second] = await Promise.all([freshRedis(), freshRedis()]);
    expect(first.url).not.toBe(second.url);
    await Promise.all([first.release(), second.release()]);
  });

  it('that is private can be emptied without harm to others', async () => {
    const redis = await privateRedis();
    await redis.server.flush();
    await redis.end();
    expect(redis.server.running).toBe(false);
  });
});
