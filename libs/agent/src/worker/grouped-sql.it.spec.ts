import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Database } from '@nexora/database';
import { createDatabase, until, type FreshDatabase } from '@nexora/testing';
import { GroupedSql } from './grouped-sql.ts';

let fresh: FreshDatabase;
let database: Database;
let grouped: GroupedSql;
beforeEach(async () => {
  fresh = await createDatabase();
  const settings = { url: fresh.url, applicationName: 'grouped test' };
  database = await Database.open(settings);
  grouped = new GroupedSql(settings, database, () => performance.now());
  await database.query({
    text: 'CREATE TABLE note (n int PRIMARY KEY CHECK (n < 1000), tx xid8 DEFAULT pg_current_xact_id())',
  });
});
afterEach(async () => {
  await grouped.close();
  await database.close(1_000);
  await fresh.drop();
});

const INSERT = 'INSERT INTO note (n) VALUES ($1)';
const insert = (n: number) => grouped.query({ text: INSERT, values: [n] });
const transactions = async () =>
  Number((await database.query<{ count: string }>({ text: 'SELECT count(DISTINCT tx) FROM note' }))[0]?.count);
const stored = async () =>
  (await database.query<{ n: number }>({ text: 'SELECT n FROM note ORDER BY n' })).map(({ n }) => n);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const connections = async () =>
  (
    await database.query({
      text: `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'grouped test finishes'`,
    })
  ).length;

describe('statements that are ready at the same moment', () => {
  it('commit together', async () => {
    await Promise.all(range(1, 60).map(insert));
    expect(await stored()).toEqual(range(1, 60));
    expect(await transactions()).toBeLessThan(10);
  });

  it('are answered only when they are committed', async () => {
    const seen = await Promise.all(
      range(1, 30).map(async (n) => {
        await insert(n);
        const rows = await database.query({ text: 'SELECT FROM note WHERE n = $1', values: [n] });
        return rows.length;
      }),
    );
    expect(seen.every((rows) => rows === 1)).toBe(true);
  });

  it('fail for the guilty one alone', async () => {
    const outcomes = await Promise.allSettled([...range(1, 20), 5_000].map(insert));
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(await stored()).toEqual(range(1, 20));
  });

  it('do not wait long for a row that somebody holds: the others commit meanwhile', async () => {
    await insert(1);
    const holder = await database.listen([], { onNotify: () => undefined });
    await holder.query({ text: 'BEGIN' });
    await holder.query({ text: 'UPDATE note SET n = n WHERE n = 1' });
    const update = grouped.query({ text: 'UPDATE note SET tx = DEFAULT WHERE n = $1', values: [1] });
    const others = Promise.all(range(2, 20).map(insert));
    await others;
    expect(await stored()).toEqual(range(1, 20));
    await holder.query({ text: 'COMMIT' });
    await update;
    await holder.close();
  });

  it('are sent again when the connection breaks under them', async () => {
    await Promise.all(range(1, 20).map(insert));
    const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'grouped test finishes'`;
    await database.query({ text: kill });
    await Promise.all(range(21, 60).map(insert));
    expect(await stored()).toEqual(range(1, 60));
  });
});

describe('a statement without company', () => {
  it('goes at once and alone, and opens no connection of its own', async () => {
    for (const n of range(1, 5)) await insert(n);
    expect(await stored()).toEqual(range(1, 5));
    expect(await connections()).toBe(0);
  });
});

describe('the connections for groups', () => {
  it('are closed with it, and what comes later goes alone', async () => {
    await Promise.all(range(1, 40).map(insert));
    expect(await connections()).toBeGreaterThan(0);
    await grouped.close();
    await until(async () => (await connections()) === 0, { what: 'the connections to be closed' });
    await Promise.all(range(41, 50).map(insert));
    expect(await stored()).toEqual(range(1, 50));
  });
});
