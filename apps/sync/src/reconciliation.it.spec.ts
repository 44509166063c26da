import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pauseSchedule, runSchedule } from '@nexora/outbox';
import { until, type NodeProcess } from '@nexora/testing';
import { CfdiSide } from './drain/cfdi-side.conformance.ts';
import { DrainHouse } from './drain/drain-house.conformance.ts';

/** Lock that every claim of a worker takes shared; who holds it keeps the process from getting rows. */
const WORKER_LOCK = 1_852_993_378;

let house: DrainHouse;
let cfdi: CfdiSide;
let sync: NodeProcess;
beforeAll(async () => {
  house = await DrainHouse.open();
  [sync, cfdi] = await Promise.all([house.startSync({ pace: 10 }), CfdiSide.open(house)]);
  await house.becomes('online');
  // Every audit here is one that a test has asked for: the clock moves over slots.
  await pauseSchedule(house.database, 'sync.audit');
}, 120_000);
afterAll(() => house.close());

interface Audit {
  released: number;
  woken: string[];
  unclaimed: { kind: string; rows: number }[];
  adopted: { agent: string; rows: number }[];
  failed: string[];
}

async function audit(): Promise<Audit> {
  const job = await runSchedule(house.database, 'sync.audit');
  const text = `SELECT result FROM agents.job_listing WHERE id = $1 AND state = 'done'`;
  const row = async () => (await house.sql<{ result: Audit }>(text, [job]))[0];
  const done = await until(row, { within: 20_000, what: 'the audit' });
  return done.result;
}

async function counted(finding: string): Promise<number> {
  const [, url = ''] = await sync.line(/"process-started".*"url":"([^"]+)"/);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const line = new RegExp(`nexora_audit_findings_total\\{[^}]*finding="${finding}"[^}]*\\} (\\d+)`).exec(metrics);
  return Number(line?.[1]);
}

const done = (kind: string) => house.count(`kind = '${kind}' AND state = 'done'`);

describe('the audit repairs, counts and reports', () => {
  it('nothing where all is in order', async () => {
    expect(await audit()).toEqual({ released: 0, woken: [], unclaimed: [], adopted: [], failed: [] });
    for (const finding of ['released', 'unclaimed', 'adopted']) expect(await counted(finding)).toBe(0);
  });

  it('a running row whose worker is gone: it is given back, and its effect happens once', async () => {
    house.outside.latencyMs = 60_000;
    const gone = await house.startDrain({ instance: 'drain-1' });
    await house.handOver('stamp', 1);
    await until(() => house.outside.effects.length === 1, { what: 'the effect that nobody hears of' });
    await gone.kill9();
    house.outside.latencyMs = 0;
    // Nobody of its agent is left to see that it is gone.
    await house.sql(`UPDATE agents.worker SET beat_at = beat_at - interval '1 min' WHERE agent = 'drain'`);
    expect(await audit()).toMatchObject({ released: 1 });
    expect(await counted('released')).toBe(1);
    await house.startDrain({ instance: 'drain-2' });
    await until(async () => (await done('drain.stamp')) === 1, { what: 'the row to be done' });
    expect(house.outside.doubles).toEqual([]);
  });

  it('a due row that nobody claims although slots are free: its agent looks again', async () => {
    const [worker] = await house.sql<{ incarnation: string }>(
      `SELECT incarnation FROM agents.worker WHERE agent = 'drain' AND lost_at IS NULL`,
    );
    const { rows, release } = await deaf(worker!.incarnation);
    expect(rows).toBe(1);
    await house.handOver('copy', 1);
    await house.sql(`SELECT agents.set_clock('6 min')`);
    const beat = `SELECT FROM agents.worker WHERE incarnation = $1 AND beat_at > agents.now() - interval '30 s'`;
    await until(async () => (await house.sql(beat, [worker!.incarnation])).length === 1, { what: 'a heartbeat' });
    expect(await audit()).toMatchObject({ woken: ['drain.copy'], unclaimed: [{ kind: 'drain.copy', rows: 1 }] });
    expect(await counted('unclaimed')).toBe(1);
    await release();
    await until(async () => (await done('drain.copy')) === 1, { what: 'the row to be done' });
  });

  it('a business row in pendiente without a job: it is given one, and is stamped', async () => {
    const [id] = await cfdi.submit(1);
    await house.sql(`DELETE FROM agents.job WHERE kind = 'cfdi.stamp'`); // as a restore may leave it
    await house.sql('DELETE FROM agents.dedupe WHERE kind = $1', ['cfdi.stamp']);
    expect((await audit()).adopted).toEqual([]); // who hands over may not have ended yet
    await house.sql(`SELECT agents.set_clock('8 min')`);
    await cfdi.sandbox.client.clock(480);
    expect(await audit()).toMatchObject({ adopted: [{ agent: 'cfdi', rows: 1 }] });
    expect(await counted('adopted')).toBe(1);
    await cfdi.start(1);
    await until(async () => (await cfdi.unfinished()).length === 0, { within: 20_000, what: 'the comprobante' });
    expect((await cfdi.stamps()).get(id!)).toHaveLength(1);
  });
});

/** Lets a live process get no row any more, as one whose claims went astray; `release` ends it. */
async function deaf(incarnation: string): Promise<{ rows: number; release: () => Promise<void> }> {
  const listener = await house.database.listen([], { onNotify: () => undefined });
  const text = `SELECT FROM pg_advisory_lock(${WORKER_LOCK}, uuid_hash($1::uuid))`;
  const rows = await listener.query({ text, values: [incarnation] });
  return { rows: rows.length, release: () => listener.close() };
}
