import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type FreshDatabase } from '@nexora/testing';
import { Client } from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asSchemaOwner, loginOf, migrate, provisionRoles, type Migrations } from './index.ts';

const suffix = randomUUID().slice(0, 8);
const role = `test_shop_${suffix}`;
let fresh: FreshDatabase;
const made: string[] = [];

beforeAll(async () => {
  fresh = await createDatabase();
});
afterAll(async () => {
  await fresh.drop();
  const admin = new Client({ connectionString: fresh.url.replace(/[^/]+$/, 'postgres') });
  await admin.connect();
  for (const each of made) await admin.query(`DROP ROLE IF EXISTS ${each}`);
  await admin.end();
});

class First1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE shop.sale (id int)');
  }
  down(): Promise<void> {
    throw new Error('forward only');
  }
}
class Second1700000001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('INSERT INTO shop.sale VALUES (1)');
    await asSchemaOwner(runner, 'house', ['CREATE VIEW house.sales AS SELECT 1 AS one']);
    await runner.query('INSERT INTO shop.sale VALUES (2)');
  }
  down(): Promise<void> {
    throw new Error('forward only');
  }
}
class Failing1700000002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('INSERT INTO shop.sale VALUES (3)');
    await runner.query('SELECT nothing');
  }
  down(): Promise<void> {
    throw new Error('forward only');
  }
}

const house: Migrations = { schema: 'house', role: 'test_nobody', migrations: [] };
const shop: Migrations = { schema: 'shop', role, migrations: [First1700000000000, Second1700000001000] };

async function sql<R extends object>(text: string): Promise<R[]> {
  const client = new Client({ connectionString: fresh.url });
  await client.connect();
  try {
    return (await client.query<R>(text)).rows;
  } finally {
    await client.end();
  }
}

describe('migrating', () => {
  it('runs each migration once, in order, as the role of its owner, and makes what is missing around it', async () => {
    await provisionRoles(fresh.url, [{ role, password: 'secret' }]);
    made.push(role);
    expect(await migrate(fresh.url, [house, shop])).toEqual(['First1700000000000', 'Second1700000001000']);
    expect(await migrate(fresh.url, [house, shop])).toEqual([]);
    expect(await sql('SELECT id FROM shop.sale ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
    expect(await sql(`SELECT tableowner FROM pg_tables WHERE schemaname = 'shop' ORDER BY 1 LIMIT 1`)).toEqual([
      { tableowner: role },
    ]);
    expect(await sql(`SELECT viewowner <> '${role}' AS others FROM pg_views WHERE schemaname = 'house'`)).toEqual([
      { others: true },
    ]);
  });

  it('by several processes at once runs each migration once all the same', async () => {
    const other = await createDatabase();
    const runs = await Promise.all(
      Array.from({ length: 4 }, () =>
        migrate(other.url, [
          { ...house, always: ['SELECT 1'] },
          { ...shop, role: 'none' },
        ]),
      ),
    );
    expect(runs.flat()).toHaveLength(2);
    await other.drop();
  });

  it('leaves nothing of a migration that fails, and tells what failed', async () => {
    const failing = { ...shop, migrations: [...shop.migrations, Failing1700000002000] };
    await expect(migrate(fresh.url, [house, failing])).rejects.toMatchObject({ code: '42703' });
    expect(await sql('SELECT max(id) AS id FROM shop.sale')).toEqual([{ id: 2 }]);
    expect(await migrate(fresh.url, [house, shop])).toEqual([]);
  });

  it('says that Postgres is away when it is', async () => {
    await expect(migrate('postgresql://nobody@127.0.0.1:1/none', [])).rejects.toMatchObject({ name: 'DatabaseAway' });
  });

  it("needs the other owner's schema before something can be put into it", async () => {
    class Lost1700000009000 implements MigrationInterface {
      up(runner: QueryRunner): Promise<void> {
        return asSchemaOwner(runner, 'nowhere', []);
      }
      down(): Promise<void> {
        throw new Error('forward only');
      }
    }
    const lost = { schema: 'lost', role: 'none', migrations: [Lost1700000009000] };
    await expect(migrate(fresh.url, [lost])).rejects.toThrow('There is no schema "nowhere"');
  });
});

describe('provisioning roles', () => {
  it('may be repeated, for several databases of one server at once, and mends passwords and memberships', async () => {
    const login = `test_till_${suffix}`;
    made.push(login);
    const others = await Promise.all([createDatabase(), createDatabase(), createDatabase()]);
    const provision = (url: string, password: string) =>
      provisionRoles(url, [{ role: login, password, groups: ['nexora_agent'] }]);
    await Promise.all(others.map(({ url }) => provision(url, 'first')));
    expect(await provision(fresh.url, 'second')).toEqual({ shared: false });
    const url = new URL(fresh.url);
    [url.username, url.password] = [login, 'second'];
    const client = new Client({ connectionString: url.href });
    await client.connect();
    const { rows } = await client.query<{ member: boolean }>(`SELECT pg_has_role('nexora_agent', 'MEMBER') AS member`);
    expect(rows).toEqual([{ member: true }]);
    await client.end();
    await Promise.all(others.map(({ drop }) => drop()));
  });

  it('by a login that may not create roles says that everything is shared', async () => {
    const login = `test_plain_${suffix}`;
    made.push(login);
    await provisionRoles(fresh.url, [{ role: login, password: 'secret' }]);
    const url = new URL(fresh.url);
    [url.username, url.password] = [login, 'secret'];
    expect(await provisionRoles(url.href, [{ role: 'test_never', password: 'x' }])).toEqual({ shared: true });
  });

  it('gives every app a login of its own name; the admin gateway is the gateway', () => {
    expect(['cfdi', 'admin-gateway', 'gateway', 'sandbox-pac'].map(loginOf)).toEqual([
      'nexora_cfdi',
      'nexora_gateway',
      'nexora_gateway',
      'nexora_sandbox_pac',
    ]);
  });
});
