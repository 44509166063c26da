import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Database, DatabaseAway, migrate, provisionRoles } from '@nexora/database';
import { privatePostgres, until } from '@nexora/testing';
import { enqueue, Ledger, ledgerMigrations, type ClaimedJob } from './index.ts';
import { anyKind } from './shop.conformance.ts';

const quick = anyKind('quick');
const once = anyKind('once', { delivery: 'at-most-once' });

let postgres: Awaited<ReturnType<typeof privatePostgres>>;
let db: Database;
let ledger: Ledger;

beforeAll(async () => {
  postgres = await privatePostgres('durable');
  await provisionRoles(postgres.server.url, []);
  await migrate(postgres.server.url, [ledgerMigrations]);
  db = await Database.open({ url: postgres.server.url, poolSize: 5 });
  ledger = new Ledger(db);
  await ledger.declare({ agent: 'cfdi', version: '1', kinds: [quick, once] });
  await db.query({ text: 'CREATE TABLE public.effect (job uuid PRIMARY KEY)' });
});
afterEach(async () => {
  await db.query({ text: 'TRUNCATE agents.job, agents.job_finished, agents.worker, public.effect' });
});
afterAll(async () => {
  await db.close();
  await postgres.end();
});

async function worker(instance = 'till 1'): Promise<string> {
  const incarnation = randomUUID();
  await ledger.startWorker({ agent: 'cfdi', instance, incarnation });
  return incarnation;
}

/** Kills Postgres as a power cut does, starts it again and waits until the pool works. */
async function powerCut(): Promise<void> {
  await postgres.server.kill();
  await postgres.server.restart();
  await until(() => db.ping().then(() => true), { what: 'the pool to work again', within: 20_000 });
}

const effectOf = (job: ClaimedJob) => ({ text: 'INSERT INTO public.effect VALUES ($1)', values: [job.id] });
const stateOf = async (id: string) => {
  const [row] = await db.query<{ state: string; dispatch: number }>({
    text: 'SELECT state, dispatch FROM agents.job_listing WHERE id = $1',
    values: [id],
  });
  return row;
};

describe('a power cut', () => {
  it('takes no job that was handed over, and leaves none that was not', async () => {
    const kept = await enqueue(db, quick.kind, {});
    const open = db.transaction(async (tx) => {
      await enqueue(tx, quick.kind, {});
      await powerCut();
      await tx.query({ text: 'SELECT 1' });
    });
    await expect(open).rejects.toBeInstanceOf(DatabaseAway);
    expect(await db.query({ text: 'SELECT id FROM agents.job' })).toEqual([{ id: kept }]);
  });

  it('right after claims ends with every job done exactly once, whether or not the claims were written down', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 30; i += 1) ids.push(await enqueue(db, quick.kind, {}));
    const former = await worker();
    const claimed = await ledger.claim({ incarnation: former, kind: 'cfdi.quick', max: 10 });
    expect(claimed).toHaveLength(10);
    await powerCut();
    // Whoever claimed before may not claim again under the same name: it could get the same row under the same fence.
    const again = ledger.claim({ incarnation: former, kind: 'cfdi.quick', max: 10 });
    await expect(again).rejects.toMatchObject({ name: 'WorkerLost' });
    // A handler that did not notice tries to finish; it is believed only where its claim is on record.
    const late = await Promise.allSettled(claimed.map((job) => ledger.finish(former, job, null, effectOf(job))));
    for (const outcome of late) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ name: 'StaleFence' });
    }
    const next = await worker();
    for (let vain = 0; vain < 2;) {
      const jobs = await ledger.claim({ incarnation: next, kind: 'cfdi.quick', max: 10 });
      const alone = await ledger.claimAlone(next, ['cfdi.quick']);
      if (alone !== undefined) jobs.push(alone);
      vain = jobs.length === 0 ? vain + 1 : 0;
      for (const job of jobs) await ledger.finish(next, job, null, effectOf(job));
    }
    const effects = await db.query<{ job: string }>({ text: 'SELECT job FROM public.effect ORDER BY job' });
    expect(effects.map(({ job }) => job)).toEqual([...ids].sort());
    expect(await db.query({ text: 'SELECT id FROM agents.job' })).toEqual([]);
  });

  it('right after the claim of an at-most-once kind does not forget it', async () => {
    const id = await enqueue(db, once.kind, {});
    const [job] = await ledger.claim({ incarnation: await worker(), kind: 'cfdi.once', max: 1 });
    expect(job?.id).toBe(id);
    await powerCut();
    expect(await stateOf(id)).toEqual({ state: 'running', dispatch: 1 });
  });

  it('right after a finish does not undo it', async () => {
    const id = await enqueue(db, quick.kind, {});
    const incarnation = await worker();
    const [job] = await ledger.claim({ incarnation, kind: 'cfdi.quick', max: 1 });
    await ledger.finish(incarnation, job!, { ok: true }, effectOf(job!));
    await powerCut();
    expect(await stateOf(id)).toMatchObject({ state: 'done' });
    expect(await db.query({ text: 'SELECT job FROM public.effect' })).toEqual([{ job: id }]);
  });

  it('is survived by pool and listener, which hears again what is notified', async () => {
    const heard: string[] = [];
    let back = 0;
    const listener = await db.listen(['agents_work'], {
      onNotify: (_channel, payload) => heard.push(payload),
      onReconnect: () => (back += 1),
    });
    await listener.query({ text: 'SELECT agents.sleep($1)', values: [['cfdi.quick']] });
    await powerCut();
    await until(() => back === 1, { what: 'the listener to come back' });
    await enqueue(db, quick.kind, {}); // nobody sleeps any more: the flag went with its connection
    await listener.query({ text: 'SELECT agents.sleep($1)', values: [['cfdi.quick']] });
    await enqueue(db, quick.kind, {});
    await until(() => heard.length > 0, { what: 'the notification' });
    expect(heard).toEqual(['cfdi.quick']);
    await listener.close();
  });

  it('loses nobody to a sweeper that was away itself', async () => {
    const incarnation = await worker();
    const [seen] = await ledger.watch('cfdi');
    await powerCut();
    expect((await ledger.watch('cfdi')).map((each) => each.incarnation)).toEqual([incarnation]);
    expect(seen?.incarnation).toBe(incarnation);
  });
});
