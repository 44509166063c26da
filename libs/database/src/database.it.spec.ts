import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, TcpProxy, until, type FreshDatabase } from '@nexora/testing';
import { Database, DatabaseAway, openWhenReachable, type Tx } from './index.ts';

let fresh: FreshDatabase;
let db: Database;
const opened: Database[] = [];

beforeAll(async () => {
  fresh = await createDatabase();
  db = await Database.open({ url: fresh.url, poolSize: 3 });
  await db.query({ text: 'CREATE TABLE note (id int PRIMARY KEY, line text)' });
});
afterEach(async () => {
  await db.query({ text: 'TRUNCATE note' });
  await Promise.all(opened.splice(0).map((each) => each.close(500)));
});
afterAll(async () => {
  await db.close();
  await fresh.drop();
});

const insert = (id: number) => ({ name: 'insert', text: 'INSERT INTO note (id) VALUES ($1)', values: [id] });
const notes = async () =>
  (await db.query<{ id: number }>({ text: 'SELECT id FROM note ORDER BY id' })).map(({ id }) => id);

describe('a transaction', () => {
  it('commits what its function did, and then runs what was to follow, in order', async () => {
    const followed: number[] = [];
    const answer = await db.transaction(async (tx) => {
      await tx.query(insert(1));
      tx.afterCommit(() => followed.push(1));
      tx.afterCommit(() => followed.push(2));
      expect(followed).toEqual([]);
      return 'done';
    });
    expect([answer, followed, await notes()]).toEqual(['done', [1, 2], [1]]);
  });

  it('leaves nothing behind when its function throws, and gives its connection back', async () => {
    const followed: number[] = [];
    for (let i = 0; i < 10; i += 1) {
      const failed = db.transaction(async (tx) => {
        await tx.query(insert(1));
        tx.afterCommit(() => followed.push(1));
        throw new Error('no sale');
      });
      await expect(failed).rejects.toThrow('no sale');
    }
    expect([followed, await notes()]).toEqual([[], []]);
  });

  it("answers the driver's own error, with its SQLSTATE, and can be used again", async () => {
    const twice = async (tx: Tx) => {
      await tx.query(insert(1));
      await tx.query(insert(1));
    };
    await expect(db.transaction(twice)).rejects.toMatchObject({ code: '23505' });
    await expect(db.query({ text: 'SELECT nothing' })).rejects.toMatchObject({ code: '42703' });
    expect(await notes()).toEqual([]);
  });

  it("is the same one for TypeORM's manager", async () => {
    await db.transaction(async (tx) => {
      await tx.query(insert(1));
      const rows: unknown = await tx.manager.query('SELECT id FROM note');
      expect(rows).toEqual([{ id: 1 }]);
    });
  });

  it('says that nobody knows when the connection breaks during COMMIT', async () => {
    await db.query({
      text: `CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN NULL; END'`,
    });
    await db.query({
      text: `CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON note DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW WHEN (new.id = 99) EXECUTE FUNCTION slow()`,
    });
    const proxy = await TcpProxy.to(fresh.url);
    const through = await Database.open({ url: proxy.through(fresh.url) });
    opened.push(through);
    const lost: Promise<unknown> = through.transaction((tx) => tx.query(insert(99))).catch((error: unknown) => error);
    const committing = `SELECT count(*)::int AS n FROM pg_stat_activity WHERE query = 'COMMIT' AND state = 'active' AND datname = current_database()`;
    await until(async () => (await db.query<{ n: number }>({ text: committing }))[0]!.n === 1, { what: 'the commit' });
    await proxy.cut();
    expect(await lost).toMatchObject({ name: 'DatabaseAway', commitUnknown: true });
    await until(async () => (await notes()).includes(99), { what: 'the commit, which took effect all the same' });
    await proxy.end();
  });
});

describe('a transaction in which nothing happens', () => {
  it('is ended by Postgres after a while, and with it its locks', async () => {
    const slow = await Database.open({ url: fresh.url, idleTransactionMs: 100 });
    opened.push(slow);
    const stuck = slow.transaction(async (tx) => {
      await tx.query(insert(1));
      const locks = `SELECT count(*)::int AS n FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE c.relname = 'note'`;
      await until(async () => (await db.query<{ n: number }>({ text: locks }))[0]!.n === 0, {
        what: 'the locks to go',
      });
      await tx.query(insert(2));
    });
    await expect(stuck).rejects.toBeInstanceOf(DatabaseAway);
    expect(await notes()).toEqual([]);
    await slow.ping();
  });
});

describe('a statement', () => {
  it('keeps its plan under its name, and survives a migration that changes what it answers', async () => {
    const all = { name: 'all', text: 'SELECT * FROM note' };
    const one = await Database.open({ url: fresh.url, poolSize: 1 });
    opened.push(one);
    await db.query(insert(1));
    expect(await one.query(all)).toEqual([{ id: 1, line: null }]);
    await db.query({ text: 'ALTER TABLE note ADD COLUMN extra int' });
    expect(await one.query(all)).toEqual([{ id: 1, line: null, extra: null }]);
    await db.query({ text: 'ALTER TABLE note DROP COLUMN extra' });
  });

  it('goes without kept plans where a pooler cannot keep them', async () => {
    const pooled = await Database.open({ url: fresh.url, poolSize: 1, preparedStatements: false });
    opened.push(pooled);
    await pooled.query({ name: 'named', text: 'SELECT $1::int AS n', values: [1] });
    expect(await pooled.query({ text: 'SELECT name FROM pg_prepared_statements' })).toEqual([]);
  });

  it('that is never answered counts as lost with its connection, and the next one works', async () => {
    const hasty = await Database.open({ url: fresh.url, poolSize: 1, queryTimeoutMs: 200 });
    opened.push(hasty);
    await expect(hasty.query({ text: 'SELECT pg_sleep(5)' })).rejects.toBeInstanceOf(DatabaseAway);
    await hasty.ping();
  });
});

describe('when Postgres is away', () => {
  it('opening tells so by one class of error, whatever the cause', async () => {
    await expect(Database.open({ url: 'postgresql://nobody@127.0.0.1:1/nothing' })).rejects.toBeInstanceOf(
      DatabaseAway,
    );
    await expect(Database.open({ url: 'postgresql://nobody@host.invalid/nothing' })).rejects.toBeInstanceOf(
      DatabaseAway,
    );
  });

  it('opening with patience tries again until it is there, or until nobody wants it any more', async () => {
    const proxy = await TcpProxy.to(fresh.url);
    await proxy.cut();
    const refusals: string[] = [];
    const opening = openWhenReachable(
      { url: proxy.through(fresh.url), connectTimeoutMs: 500 },
      { onAway: ({ reason }) => refusals.push(reason) },
    );
    await until(() => refusals.length >= 2, { what: 'two failed attempts' });
    await proxy.restore();
    opened.push(await opening);
    await proxy.end();
    const stop = new AbortController();
    const vain = openWhenReachable({ url: 'postgresql://nobody@127.0.0.1:1/nothing' }, { signal: stop.signal });
    stop.abort();
    await expect(vain).rejects.toBeInstanceOf(DatabaseAway);
  });

  it('a SQLAlchemy suffix in the address does not matter', async () => {
    const other = await Database.open({ url: fresh.url.replace(/^(postgres(ql)?):/, '$1+psycopg2:') });
    opened.push(other);
    await other.ping();
  });

  it('connections that Postgres ends, idle or in a transaction, hurt nobody', async () => {
    const broken: Error[] = [];
    const other = await Database.open({
      url: fresh.url,
      poolSize: 4,
      onConnectionError: (error) => broken.push(error),
    });
    opened.push(other);
    await Promise.all([1, 2, 3].map(() => other.query({ text: 'SELECT pg_sleep(0.05)' })));
    const inside = other.transaction(async (tx) => {
      const [row] = await tx.query<{ pid: number }>({ text: 'SELECT pg_backend_pid() AS pid' });
      await endOthers();
      await until(() => broken.length > 0, { what: 'the broken connections to be noticed' });
      await tx.query({ text: 'SELECT 1' });
      return row;
    });
    await expect(inside).rejects.toBeInstanceOf(DatabaseAway);
    await until(() => other.ping().then(() => true), { what: 'the pool to have replaced them' });
  });
});

describe('a listener', () => {
  it('hears what is notified on its channels', async () => {
    const heard: string[] = [];
    const listener = await db.listen(['a', 'B c'], {
      onNotify: (channel, payload) => heard.push(`${channel}:${payload}`),
    });
    await db.query({ text: `SELECT pg_notify('a', '1'), pg_notify('B c', '2'), pg_notify('d', '3')` });
    await until(() => heard.length === 2, { what: 'two notifications' });
    expect(heard).toEqual(['a:1', 'B c:2']);
    await listener.close();
    expect(listener.connected).toBe(false);
  });

  it('listens again within a second after its connection was ended, and says so', async () => {
    const heard: string[] = [];
    let back = 0;
    let lost = 0;
    const listener = await db.listen(['a'], {
      onNotify: (_channel, payload) => heard.push(payload),
      onReconnect: () => (back += 1),
      onLost: () => (lost += 1),
    });
    for (let round = 1; round <= 3; round += 1) {
      await endOthers();
      await until(() => back === round, { what: `reconnection ${round}`, within: 3_000 });
    }
    expect(lost).toBe(3);
    await db.query({ text: `SELECT pg_notify('a', 'after all')` });
    await until(() => heard.length === 1, { what: 'a notification after it came back' });
    await listener.close();
  });

  it('notices a connection that is dead without a word, and gets itself a new one', async () => {
    const proxy = await TcpProxy.to(fresh.url);
    const through = await Database.open({ url: proxy.through(fresh.url), connectTimeoutMs: 300 });
    opened.push(through);
    let [back, lost] = [0, 0];
    await through.listen(['a'], {
      onNotify: () => undefined,
      onReconnect: () => (back += 1),
      onLost: () => (lost += 1),
      heartbeatMs: 50,
      answerMs: 300,
    });
    proxy.halfOpen();
    await until(() => lost >= 2, { what: 'the silence to be noticed, and a vain attempt' });
    await proxy.restore();
    await until(() => back === 1, { what: 'the listener to come back' });
    await proxy.end();
  });

  it('ends with the database, also while it tries to come back', async () => {
    const proxy = await TcpProxy.to(fresh.url);
    const through = await Database.open({ url: proxy.through(fresh.url) });
    const listener = await through.listen(['a'], { onNotify: () => undefined });
    await proxy.cut();
    await until(() => !listener.connected, { what: 'the listener to notice' });
    const began = performance.now();
    await through.close(1_000);
    expect(performance.now() - began).toBeLessThan(1_500);
    await proxy.end();
  });
});

/** Ends every other connection to this database, as a restart does. */
async function endOthers(): Promise<void> {
  await db.query({
    text: `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
  });
}
