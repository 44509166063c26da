import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { defineKind, type Kind } from '@nexora/contracts';
import { Database, migrate } from '@nexora/database';
import { createDatabase } from '@nexora/testing';
import { z } from 'zod';
import { emit, enqueue, Ledger, ledgerMigrations } from './index.ts';
import { anyKind, Shop } from './shop.conformance.ts';

const own = anyKind('own');
const open = anyKind('open', { enqueuers: ['client', 'gateway', 'sync'], shown: ['shown'] });
const foreign = { kind: defineKind({ name: 'sync.audit', payload: z.unknown(), result: z.unknown() }) };
const house = '0192f0c1-7b1a-7e1a-8f1a-0192f0c17b1a';
const chain = '0192f0c1-7b1a-7e1a-8f1a-0192f0c17b1b';

let shop: Shop;
let sync: Database;
let gateway: Database;
let client: Database;
beforeAll(async () => {
  shop = await Shop.open([own, open]);
  [sync, gateway, client] = [await shop.as('sync'), await shop.as('gateway'), await shop.as('client')];
  await new Ledger(sync).declare({
    agent: 'sync',
    version: '1.0.0',
    kinds: [foreign],
    subscriptions: [{ event: 'comprobante.listo', kind: 'sync.audit' }],
  });
});
afterEach(() => shop.empty());
afterAll(() => shop.close());

const put = (db: Database, kind: Kind, options = {}) => enqueue(db, kind, {}, options);
const refused = { code: 'agents.not-allowed' };
const denied = { code: '42501' }; // Postgres' own: no privilege

describe("an agent's login", () => {
  it('enqueues its own kinds, and others only where they name it', async () => {
    await put(shop.db, own.kind);
    await put(sync, open.kind);
    await expect(put(sync, own.kind)).rejects.toMatchObject(refused);
    await expect(put(shop.db, foreign.kind)).rejects.toMatchObject(refused);
  });

  it('claims and completes its own kinds only, even knowing the other worker by heart', async () => {
    await put(shop.db, own.kind);
    const worker = await shop.worker();
    const stranger = randomUUID();
    const theirs = new Ledger(sync);
    await theirs.startWorker({ agent: 'sync', instance: 'one', incarnation: stranger });
    const claim = { kind: own.kind.name, max: 1 };
    await expect(theirs.claim({ ...claim, incarnation: stranger })).rejects.toMatchObject(refused);
    await expect(theirs.claim({ ...claim, incarnation: worker })).rejects.toMatchObject(refused);
    await expect(theirs.poll(stranger, [claim])).rejects.toMatchObject(refused);
    await expect(theirs.startWorker({ agent: 'cfdi', instance: 'x', incarnation: randomUUID() })).rejects.toMatchObject(
      refused,
    );
    const job = await shop.claimOne(worker, own);
    const error = { code: 'test.failed' };
    for (const attempt of [
      () => theirs.finish(worker, job),
      () => theirs.retry(worker, job, { delayMs: 0, error, maxAttempts: null }),
      () => theirs.later(worker, job, { delayMs: 0, reason: error }),
      () => theirs.bury(worker, job, error),
      () => theirs.doubt(worker, job, error),
      () => theirs.intend(worker, job, { key: 'k' }),
      () => theirs.progress(worker, job, 1, 'x'),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'agents.stale' });
    }
    expect(await theirs.finishMany(worker, [job])).toEqual([]);
    expect(await theirs.handBack(worker, [job])).toBe(0);
    expect((await theirs.beat(worker)).known).toBe(false);
    await theirs.stopWorker(worker);
    await shop.ledger.finish(worker, job);
  });

  it('watches its own processes only, and declares nobody else lost; the sync agent watches all', async () => {
    const worker = await shop.worker();
    const theirs = new Ledger(await shop.as('license'));
    await expect(theirs.watch('cfdi')).rejects.toMatchObject(refused);
    await expect(theirs.declareLost(worker, '0')).rejects.toMatchObject(refused);
    expect(await new Ledger(sync).watch('cfdi')).toEqual([{ incarnation: worker, counter: '0' }]);
  });

  it('declares neither another agent nor a kind of another agent', async () => {
    const theirs = new Ledger(sync);
    const declaration = { agent: 'cfdi', version: '2', kinds: [] };
    await expect(theirs.declare(declaration)).rejects.toMatchObject(refused);
    await expect(theirs.declare({ agent: 'sync', version: '2', kinds: [foreign, own] })).rejects.toThrow(
      'The kind cfdi.own belongs to the agent cfdi; sync cannot declare it as well.',
    );
    const taken = { kind: defineKind({ name: 'cfdi.taken', payload: z.unknown(), result: z.unknown() }) };
    await expect(theirs.declare({ agent: 'sync', version: '2', kinds: [foreign, taken] })).rejects.toThrow(
      'The agent sync cannot declare cfdi.taken: its kinds begin with "sync.".',
    );
  });

  it("controls neither another agent's jobs, nor its pause, nor what belongs to all", async () => {
    const id = await put(shop.db, own.kind);
    const theirs = new Ledger(sync);
    await expect(theirs.cancel(id)).rejects.toMatchObject(refused);
    await expect(theirs.retryJob(id)).rejects.toMatchObject(refused);
    await expect(theirs.pause('cfdi')).rejects.toMatchObject(refused);
    await expect(theirs.hold({ kind: 'cfdi.own' }, 'x')).rejects.toMatchObject(refused);
    await expect(theirs.hold({ organization: house }, 'x')).rejects.toMatchObject(refused);
    await expect(sync.query({ text: `SELECT agents.set_clock('1 day')` })).rejects.toMatchObject({ code: 'NX003' });
    await expect(shop.db.query({ text: `SELECT agents.report_connectivity('online')` })).rejects.toMatchObject({
      code: 'NX003',
    });
    await theirs.hold({ kind: 'sync.audit' }, 'own'); // its own: 429 of its service
  });

  it('prunes, maintains and audits nothing of the others: the sync agent and people do', async () => {
    for (const text of [`SELECT agents.prune('1 year')`, 'SELECT agents.maintain()', 'SELECT agents.audit()']) {
      await expect(shop.db.query({ text })).rejects.toMatchObject({ code: 'NX003' });
      await sync.query({ text });
      await gateway.query({ text });
    }
  });

  it('reaches no table of the ledger, and no function that is not of its face', async () => {
    for (const table of ['job', 'job_finished', 'kind', 'worker', 'attempt', 'dedupe', 'clock', 'schedule']) {
      await expect(shop.db.query({ text: `SELECT FROM agents.${table}` })).rejects.toMatchObject(denied);
      await expect(shop.db.query({ text: `DELETE FROM agents.${table}` })).rejects.toMatchObject(denied);
    }
    const inner = `SELECT agents.put_away('${house}', 'done')`;
    await expect(shop.db.query({ text: inner })).rejects.toMatchObject(denied);
    await expect(shop.db.query({ text: 'SELECT agents.trust_clock()' })).rejects.toMatchObject(denied);
    await expect(shop.db.query({ text: 'CREATE TABLE agents.mine ()' })).rejects.toMatchObject(denied);
  });

  it('can call nothing whose search path is open, and nobody can call anything without a grant', async () => {
    const unpinned = await shop.sql(
      `SELECT p.proname FROM pg_proc p WHERE p.pronamespace = 'agents'::regnamespace AND p.prosecdef
          AND 'search_path=agents, pg_temp' <> ALL (coalesce(p.proconfig, '{}'))`,
    );
    expect(unpinned).toEqual([]);
    const forAll = await shop.sql(
      `SELECT p.proname FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
        WHERE p.pronamespace = 'agents'::regnamespace AND a.grantee = 0`,
    );
    expect(forAll).toEqual([]);
  });

  it('cannot slip in an object of its own under a name that the ledger uses', async () => {
    const trap = await shop.session();
    await trap.query('CREATE TEMP TABLE job (id uuid)');
    await trap.query('CREATE TEMP TABLE kind (name text)');
    await trap.query('SET search_path = pg_temp, agents, public');
    const { rows } = await trap.query<{ id: string }>(`SELECT enqueue('cfdi.own', '{}') AS id`);
    await trap.end();
    expect(await shop.stateOf(rows[0]!.id)).toBe('pending');
  });

  it('emits events: every subscriber gets a job of its own, whoever owns it', async () => {
    const kinds = await emit(shop.db, 'comprobante.listo', {
      comprobanteId: house,
      uuid: house,
      xmlKey: 'x',
      pdfKey: 'p',
    });
    expect(kinds).toEqual(['sync.audit']);
    expect(await shop.sql('SELECT kind, payload FROM agents.job')).toMatchObject([
      { kind: 'sync.audit', payload: { comprobanteId: house } },
    ]);
    const unheard = await emit(shop.db, 'comprobante.revision', { comprobanteId: house });
    expect(unheard).toEqual([]);
  });
});

describe("the gateway's login", () => {
  it('acts on jobs of every agent, but works none', async () => {
    const id = await put(shop.db, own.kind);
    const people = new Ledger(gateway);
    expect(await people.retryJob(id)).toBe('pending');
    expect(await people.cancel(id)).toBe('cancelled');
    expect([await people.pause('cfdi'), await people.resume('cfdi')]).toEqual(['paused', 'resumed']);
    await people.hold({ organization: house }, 'unpaid');
    await put(gateway, open.kind);
    await expect(put(gateway, own.kind)).rejects.toMatchObject(refused);
    const incarnation = randomUUID();
    await expect(people.startWorker({ agent: 'cfdi', instance: 'x', incarnation })).rejects.toMatchObject(refused);
  });

  it('reads listings that show of a payload what its kind allows', async () => {
    const id = await enqueue(shop.db, open.kind, { shown: 1, rfc: 'PEGJ800101HDF' });
    const { rows } = await readAll(gateway, id);
    expect(rows.listing).toMatchObject({ payload: { shown: 1 } });
    expect(JSON.stringify(rows)).not.toContain('PEGJ');
  });
});

describe("a client's login", () => {
  const sql = (options: string) =>
    client.query<{ id: string }>({ text: `SELECT agents.enqueue('cfdi.open', '{}'${options}) AS id` });

  it('enqueues kinds that are open to it, not as critical and for no organization but its own', async () => {
    await sql('');
    await sql(`, priority => 'high'`);
    await expect(sql(`, priority => 'critical'`)).rejects.toMatchObject({ code: 'NX003' });
    await expect(sql(`, organization => '${house}'`)).rejects.toMatchObject({ code: 'NX003' });
    await expect(put(client, own.kind)).rejects.toMatchObject(refused);
  });

  it('bound to an organization enqueues for that one, and sees its jobs only', async () => {
    await shop.sql(`SELECT agents.set_client('nexora_client', $1)`, [house]);
    try {
      const [mine] = await sql('');
      expect(await shop.row(mine!.id)).toMatchObject({ organization: house });
      await sql(`, organization => '${house}'`);
      await expect(sql(`, organization => '${chain}'`)).rejects.toMatchObject({ code: 'NX003' });
      await put(shop.db, open.kind, { organization: chain });
      await put(shop.db, open.kind);
      const seen = await client.query<{ organization: string }>({ text: 'SELECT organization FROM agents.job_status' });
      expect(seen.map(({ organization }) => organization)).toEqual([house, house]);
    } finally {
      await shop.sql('DELETE FROM agents.client');
    }
  });

  it('reads how its jobs are, and nothing else', async () => {
    // Views that apps put into the schema ask for the time with the rights of who reads them.
    await client.query({ text: 'SELECT agents.now(), agents.clock_ok()' });
    const [row] = await sql('');
    const worker = await shop.worker();
    await shop.ledger.finish(worker, await shop.claimOne(worker, open), { uuid: 'x' });
    const [status] = await client.query({ text: 'SELECT * FROM agents.job_status WHERE id = $1', values: [row!.id] });
    expect(status).toMatchObject({ id: row!.id, kind: 'cfdi.open', state: 'done', result: { uuid: 'x' } });
    for (const text of [
      'SELECT FROM agents.job_listing',
      'SELECT FROM agents.attempts',
      'SELECT FROM agents.job',
      `SELECT agents.cancel('${row!.id}')`,
      `SELECT agents.emit('comprobante.listo', '{}')`,
      `SELECT agents.claim('${worker}', 'cfdi.open', 1)`,
      `SELECT agents.declare('cfdi', '1', '[]')`,
    ]) {
      await expect(client.query({ text })).rejects.toMatchObject(denied);
    }
  });
});

describe('where only one ordinary login exists', () => {
  it('everything works with it, and it owns everything', async () => {
    const bare = await createDatabase();
    const login = `lone_${randomUUID().slice(0, 8)}`;
    await shop.sql(`CREATE ROLE ${login} LOGIN PASSWORD 'secret' NOCREATEROLE`);
    const url = new URL(bare.url);
    url.username = login;
    url.password = 'secret';
    await shop.sql(`ALTER DATABASE ${bare.name} OWNER TO ${login}`);
    try {
      await migrate(url.href, [ledgerMigrations]);
      const db = await Database.open({ url: url.href });
      const ledger = new Ledger(db);
      const incarnation = randomUUID();
      await ledger.declare({ agent: 'cfdi', version: '1', kinds: [own, open] });
      await new Ledger(db).declare({ agent: 'sync', version: '1', kinds: [foreign] });
      await ledger.startWorker({ agent: 'cfdi', instance: 'one', incarnation });
      const id = await put(db, own.kind, { priority: 'critical', organization: house });
      await put(db, foreign.kind);
      const [job] = await ledger.claim({ incarnation, kind: own.kind.name, max: 1 });
      await ledger.finish(incarnation, job!, { ok: true });
      const [status] = await db.query({ text: 'SELECT state FROM agents.job_status WHERE id = $1', values: [id] });
      expect(status).toEqual({ state: 'done' });
      await db.query({
        text: `SELECT agents.set_clock('1 h'), agents.report_connectivity('online'), agents.maintain()`,
      });
      expect(await ledger.pause('sync')).toBe('paused');
      await db.close();
    } finally {
      await bare.drop();
      await shop.sql(`DROP ROLE ${login}`);
    }
  });
});

async function readAll(db: Database, id: string) {
  const read = async (text: string) => (await db.query<Record<string, unknown>>({ text, values: [id] }))[0];
  const rows = {
    listing: await read('SELECT * FROM agents.job_listing WHERE id = $1'),
    listed: await read('SELECT * FROM agents.list_jobs(n => 10) WHERE id = $1'),
    status: await read('SELECT * FROM agents.job_status WHERE id = $1'),
    attempts: await read('SELECT * FROM agents.attempts WHERE job = $1'),
    logs: await read('SELECT * FROM agents.job_logs WHERE job = $1'),
  };
  return { rows };
}
