import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { licenseKinds } from '@nexora/contracts';
import type { Database } from '@nexora/database';
import { Ledger } from './index.ts';
import { anyKind, Shop } from './shop.conformance.ts';

const quick = anyKind('quick');
const stamp = anyKind('stamp', { needsInternet: 'stamping', needsLicense: true });
const punctual = anyKind('punctual', { dependsOnTime: true });
const chat = anyKind('chat', { ordered: true });
const few = anyKind('few', { total: 1 });
const rare = anyKind('rare', { rate: { count: 1, perMs: 3_600_000 } });

interface Audit {
  released: number;
  woken: string[];
  unclaimed: { kind: string; rows: number; oldestSeconds: number }[];
  adopted: { agent: string; rows: number; error?: string }[];
}

let shop: Shop;
let sync: Database; // the agent that keeps the ledger
beforeAll(async () => {
  shop = await Shop.open([quick, stamp, punctual, chat, few, rare]);
  sync = await shop.as('sync');
  const license = new Ledger(await shop.as('license'));
  await license.declare({ agent: 'license', version: '1.0.0', kinds: [{ kind: licenseKinds.renew }] });
});
afterEach(async () => {
  await shop.empty();
  await shop.sql('TRUNCATE agents.reconciler');
});
afterAll(() => shop.close());

const audit = async () => (await sync.query<Audit>({ text: 'SELECT * FROM agents.audit()' }))[0]!;
const nothing = { released: 0, woken: [], unclaimed: [], adopted: [] };

/** A process that has lived for ten minutes. */
async function oldWorker(about = {}): Promise<string> {
  const worker = await shop.worker();
  await shop.sql(
    `UPDATE agents.worker SET started_at = started_at - interval '10 min', about = $2 WHERE incarnation = $1`,
    [worker, JSON.stringify(about)],
  );
  return worker;
}

describe('running rows whose worker is gone', () => {
  it('are given back and counted', async () => {
    const gone = await shop.worker();
    const id = await shop.enqueue(quick);
    await shop.claimOne(gone, quick);
    await shop.sql('UPDATE agents.worker SET lost_at = agents.now()'); // as if its rows had been forgotten
    expect(await audit()).toEqual({ ...nothing, released: 1 });
    expect(await shop.row(id)).toMatchObject({ state: 'pending', alone: true });
    expect(await audit()).toEqual(nothing);
  });
});

describe('due rows that nobody claims although slots are free', () => {
  it('are counted by kind, and the processes of their agent are told to look again', async () => {
    await oldWorker();
    await shop.enqueueEarlier(quick, 10);
    await shop.enqueueEarlier(quick, 6);
    await shop.enqueueEarlier(chat, 7, {}, { orderKey: 'a' });
    await shop.enqueueEarlier(stamp, 4); // not long enough
    const { heard, listener, settled } = await shop.ear('agents_control');
    const found = await audit();
    expect(found.woken).toEqual(['cfdi.chat', 'cfdi.quick']);
    expect(found.unclaimed).toMatchObject([
      { kind: 'cfdi.chat', rows: 1 },
      { kind: 'cfdi.quick', rows: 2 },
    ]);
    expect(Math.round(found.unclaimed[1]!.oldestSeconds / 60)).toBe(10);
    await settled();
    expect(heard).toEqual(['agents_control look cfdi']);
    await listener.close();
  });

  it('are found beside a queue that moves on, when newer rows overtook them', async () => {
    const worker = await oldWorker({ slots: { 'cfdi.quick': 2 } });
    const newer = await shop.enqueue(quick);
    await shop.ledger.finish(worker, await shop.claimOne(worker, quick));
    await shop.enqueueEarlier(quick, 10);
    expect(await audit()).toMatchObject({ woken: ['cfdi.quick'] });
    expect(await shop.stateOf(newer)).toBe('done');
  });

  const cases: [string, () => Promise<unknown>][] = [
    ['no process of the agent lives', () => shop.enqueueEarlier(quick, 10)],
    [
      'its only process has just started',
      async () => {
        await shop.worker();
        await shop.enqueueEarlier(quick, 10);
      },
    ],
    [
      'the process takes no work',
      async () => {
        await oldWorker({ enabled: false });
        await shop.enqueueEarlier(quick, 10);
      },
    ],
    [
      'every slot is taken',
      async () => {
        const worker = await oldWorker({ slots: { 'cfdi.quick': 2 } });
        await shop.enqueueMany(quick, 2);
        await shop.claim(worker, quick, 2);
        await shop.sql(`UPDATE agents.job SET claimed_at = claimed_at - interval '1 h'`);
        await shop.enqueueEarlier(quick, 10);
      },
    ],
    [
      'the queue moves on, oldest first',
      async () => {
        const worker = await oldWorker();
        await shop.enqueueEarlier(quick, 20);
        await shop.enqueueEarlier(quick, 10);
        await shop.ledger.finish(worker, await shop.claimOne(worker, quick));
      },
    ],
    [
      'all of them fail and are tried again',
      async () => {
        const worker = await oldWorker();
        await shop.enqueueEarlier(quick, 20);
        await shop.enqueueEarlier(quick, 10);
        const failure = { delayMs: 60_000, error: { code: 'test.failed' }, maxAttempts: null };
        await shop.ledger.retry(worker, await shop.claimOne(worker, quick), failure);
      },
    ],
    [
      'the agent is paused',
      async () => {
        await oldWorker();
        await shop.enqueueEarlier(quick, 10);
        await shop.ledger.pause('cfdi');
      },
    ],
    [
      'they are held',
      async () => {
        await oldWorker();
        await shop.enqueueEarlier(quick, 10, {}, { scope: 'EKU9003173C9' });
        await shop.ledger.hold({ kind: 'cfdi.quick', scope: 'EKU9003173C9' }, 'paused issuer');
      },
    ],
    [
      'the line is away',
      async () => {
        await oldWorker();
        await shop.enqueueEarlier(stamp, 10);
        await shop.sql(`SELECT agents.report_connectivity('offline')`);
      },
    ],
    [
      'the line has just come back',
      async () => {
        await oldWorker();
        await shop.enqueueEarlier(stamp, 10);
        await shop.sql(`SELECT agents.report_connectivity('offline')`);
        await shop.sql(`SELECT agents.report_connectivity('online')`);
        expect(await shop.ledger.openClasses()).toContain('stamping');
      },
    ],
    [
      'they wait for the licence',
      async () => {
        await oldWorker();
        await shop.enqueueEarlier(stamp, 10);
        await shop.sql(`SELECT agents.report_license('limited')`);
        await shop.sql(`UPDATE agents.license_gate SET since = since - interval '1 h'`);
      },
    ],
    [
      'the licence has just come back',
      async () => {
        await oldWorker();
        await shop.enqueueEarlier(stamp, 10);
        await shop.sql(`SELECT agents.report_license('valid')`);
      },
    ],
    [
      'the clock is wrong',
      async () => {
        await oldWorker();
        await shop.enqueueEarlier(punctual, 10);
        await shop.sql(`UPDATE agents.clock_mark SET mark = agents.now() + interval '1 day'`);
      },
    ],
    [
      'an older row of their order key is in doubt',
      async () => {
        const worker = await oldWorker();
        await shop.enqueueEarlier(chat, 20, {}, { orderKey: 'a' });
        await shop.enqueueEarlier(chat, 10, {}, { orderKey: 'a' });
        await shop.ledger.doubt(worker, await shop.claimOne(worker, chat), { code: 'test.doubt' });
        await shop.sql(`UPDATE agents.job SET claimed_at = claimed_at - interval '1 h'`);
      },
    ],
    [
      'the total over all replicas is used up',
      async () => {
        const worker = await oldWorker({ slots: { 'cfdi.few': 5 } });
        await shop.enqueue(few);
        await shop.claimOne(worker, few);
        await shop.sql(`UPDATE agents.job SET claimed_at = claimed_at - interval '1 h'`);
        await shop.enqueueEarlier(few, 10);
      },
    ],
    [
      'the rate is used up',
      async () => {
        const worker = await oldWorker();
        await shop.enqueue(rare);
        await shop.ledger.finish(worker, await shop.claimOne(worker, rare));
        await shop.sql(`UPDATE agents.job_finished SET claimed_at = claimed_at - interval '1 h'`);
        await shop.enqueueEarlier(rare, 10);
      },
    ],
  ];
  it.each(cases)('are none when %s', async (_what, given) => {
    await given();
    expect(await audit()).toEqual(nothing);
  });

  it('of a limited licence are those under way', async () => {
    await oldWorker();
    const id = await shop.enqueueEarlier(stamp, 10);
    await shop.enqueueEarlier(stamp, 10);
    await shop.sql(`UPDATE agents.job SET intent = '{"key": "k"}' WHERE id = $1`, [id]);
    await shop.sql(`SELECT agents.report_license('limited')`);
    await shop.sql(`UPDATE agents.license_gate SET since = since - interval '1 h'`);
    expect(await audit()).toMatchObject({ woken: ['cfdi.stamp'], unclaimed: [{ kind: 'cfdi.stamp', rows: 1 }] });
  });
});

/** A function of the agent that hands over as many jobs as its table says. */
const reconciler = (kind: string, rows: number) => `
  CREATE SCHEMA IF NOT EXISTS cfdi AUTHORIZATION nexora_cfdi;
  SET ROLE nexora_cfdi;
  CREATE OR REPLACE FUNCTION cfdi.test_adopt() RETURNS integer LANGUAGE sql SECURITY DEFINER AS $$
    SELECT count(agents.enqueue('${kind}', '{}'))::integer FROM generate_series(1, ${rows})
  $$;
  GRANT USAGE ON SCHEMA cfdi TO nexora_owner;
  RESET ROLE`;
const register = (agent: string, fn: string, db = shop.db) =>
  db.query({ text: 'SELECT agents.register_reconciler($1, oid) FROM pg_proc WHERE proname = $2', values: [agent, fn] });

describe('business rows without a job', () => {
  it('are given one by the function that their agent has registered, which counts them', async () => {
    await shop.sql(reconciler('cfdi.quick', 2));
    await register('cfdi', 'test_adopt');
    expect(await audit()).toEqual({ ...nothing, adopted: [{ agent: 'cfdi', rows: 2 }] });
    expect(await shop.sql(`SELECT count(*)::int AS n FROM agents.job WHERE kind = 'cfdi.quick'`)).toEqual([{ n: 2 }]);
    await shop.sql(reconciler('cfdi.quick', 0));
    expect(await audit()).toEqual(nothing);
  });

  it('the right to hand over jobs of that agent ends with the call', async () => {
    await shop.sql(reconciler('cfdi.quick', 1));
    await register('cfdi', 'test_adopt');
    const text = `SELECT agents.enqueue('cfdi.quick', '{}')`;
    await expect(sync.query({ text })).rejects.toMatchObject({ code: 'NX003' });
    await expect(
      sync.transaction(async (tx) => {
        await tx.query({ text: 'SELECT agents.audit()' });
        await tx.query({ text });
      }),
    ).rejects.toMatchObject({ code: 'NX003' });
  });

  it('a function that fails or reaches for the jobs of another agent is told, and stops nothing else', async () => {
    await shop.sql(reconciler('license.renew', 1));
    await register('cfdi', 'test_adopt');
    const gone = await shop.worker();
    await shop.enqueue(quick);
    await shop.claimOne(gone, quick);
    await shop.sql('UPDATE agents.worker SET lost_at = agents.now()');
    const found = await audit();
    expect(found).toMatchObject({ released: 1, adopted: [{ agent: 'cfdi', rows: 0 }] });
    expect(found.adopted[0]!.error).toContain('may not enqueue license.renew');
  });

  it('no function is taken from a stranger, or that is none of the agent’s own', async () => {
    await shop.sql(reconciler('cfdi.quick', 0));
    await expect(register('cfdi', 'test_adopt', sync)).rejects.toMatchObject({ code: 'NX003' });
    await expect(register('sync', 'test_adopt', sync)).rejects.toMatchObject({ code: 'NX004' });
    await expect(register('cfdi', 'pg_backend_pid')).rejects.toMatchObject({ code: 'NX004' });
    await shop.sql(`ALTER FUNCTION cfdi.test_adopt() SECURITY INVOKER`);
    await expect(register('cfdi', 'test_adopt')).rejects.toMatchObject({ code: 'NX004' });
  });
});
