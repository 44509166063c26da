import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { cfdiKinds, licenseKinds } from '@nexora/contracts';
import { Database } from '@nexora/database';
import { enqueue, Ledger } from '@nexora/outbox';
import { randomUUID } from 'node:crypto';
import { licenseAgent, type LicenseAgent } from '../license/license.conformance.ts';
import { gatewayUnderTest, nobody, type GatewayUnderTest } from '../testing/gateway.conformance.ts';
import { syncWorker, type SyncWorker } from '../testing/sync-worker.conformance.ts';

const RFC = 'CACX7605101P8';
let gateway: GatewayUnderTest;
let license: LicenseAgent;
let sync: SyncWorker;
let cfdi: Database;
const incarnation = randomUUID();

beforeAll(async () => {
  gateway = await gatewayUnderTest();
  license = await licenseAgent(gateway);
  sync = await syncWorker(gateway);
  cfdi = await Database.open({ url: gateway.database.urlFor('cfdi'), poolSize: 1 });
});
afterAll(async () => {
  await Promise.all([license.close(), sync.close(), cfdi.close()]);
  await gateway.stop();
});
beforeEach(async () => {
  await gateway.sql('DELETE FROM agents.job');
  await license.report('valid');
  await sync.ledger.reportConnectivity({ state: 'online', latencyMs: 12 });
  await sync.ledger.openClasses(); // as every heartbeat does
});

const get = <T>(path: string) => gateway.call('GET', path, { as: 'viewer' }).then(({ body }) => body as T);
const stamp = (options: Parameters<typeof enqueue>[3] = {}) =>
  enqueue(cfdi, cfdiKinds.stamp, { comprobanteId: nobody() }, options);

interface Standing {
  readonly license: Record<string, unknown>;
  readonly agents: { readonly agent: string; readonly license: Record<string, unknown> }[];
}

describe('the licence in the health of the agents', () => {
  const health = () => get<Standing>('/api/admin/agents/health');
  const of = ({ agents }: Standing, name: string) => agents.find(({ agent }) => agent === name)?.license;

  it('shows mode, reason, days left and since when, for the house and for every agent', async () => {
    await license.report('grace', 'file expired');
    await license.record({ graceDaysLeft: 7, message: 'La licencia venció.' });
    const shown = await health();
    const expected = {
      mode: 'grace',
      limited: false,
      reason: 'file expired',
      message: 'La licencia venció.',
      graceDaysLeft: 7,
      since: expect.stringMatching(/^20\d\d-.*Z$/),
      waiting: 0,
    };
    expect(shown.license).toMatchObject(expected);
    for (const one of shown.agents) expect(one.license).toMatchObject(expected);
  });

  it('counts what waits for it, by agent and kind, and nothing of agents that do not need it', async () => {
    await Promise.all([stamp(), stamp(), sync.enqueue()]);
    expect((await health()).license).toMatchObject({ waiting: 0, limited: false });
    await license.report('limited', 'file expired');
    const shown = await health();
    expect(shown.license).toMatchObject({ mode: 'limited', limited: true, waiting: 2 });
    expect(of(shown, 'cfdi')?.['kinds']).toContainEqual({ kind: 'cfdi.stamp', waiting: 2 });
    expect(of(shown, 'cfdi')).toMatchObject({ waiting: 2 });
    expect(of(shown, 'sync')).toMatchObject({ mode: 'limited', waiting: 0, kinds: [] });
  });

  it('lets waiting work go on without a word once it is valid again', async () => {
    await stamp();
    await license.report('limited', 'file expired');
    await license.report('valid');
    expect((await health()).license).toMatchObject({ mode: 'valid', reason: null, waiting: 0 });
  });
});

describe('the drain in GET /api/admin/connectivity', () => {
  interface Line {
    readonly state: string;
    readonly drain: {
      left: number;
      done: number;
      ratePerMinute: number;
      estimatedSeconds: number | null;
      classes: { class: string; open: boolean; left: number; estimatedSeconds: number | null }[];
    };
  }
  const line = () => get<Line>('/api/admin/connectivity');

  it('tells per class and in all what is left, and no time while the line is away', async () => {
    await sync.ledger.reportConnectivity({ state: 'offline', error: 'no route' });
    await Promise.all([stamp(), stamp(), stamp()]);
    const { state, drain } = await line();
    expect([state, drain.left, drain.estimatedSeconds]).toEqual(['offline', 3, null]);
    expect(drain.classes.map((one) => one.class)).toEqual(['licence', 'stamping', 'notification', 'copy']);
    expect(drain.classes[1]).toMatchObject({ open: false, left: 3, estimatedSeconds: null });
  });

  it('tells rate and estimated seconds while it drains', async () => {
    const ledger = new Ledger(cfdi);
    await ledger.startWorker({ agent: 'cfdi', instance: 'cfdi-1', incarnation, about: {} });
    await sync.ledger.reportConnectivity({ state: 'offline', error: 'no route' });
    await Promise.all([stamp(), stamp(), stamp(), stamp()]);
    await sync.ledger.reportConnectivity({ state: 'online', latencyMs: 12 });
    await sync.ledger.openClasses();
    const [job] = await ledger.claim({ incarnation, kind: cfdiKinds.stamp.name, max: 1 });
    await ledger.finish(incarnation, job!);
    const { drain } = await line();
    expect(drain).toMatchObject({ left: 3, done: 1 });
    expect(drain.ratePerMinute).toBeGreaterThan(0);
    expect(drain.estimatedSeconds).toBeCloseTo((3 / drain.ratePerMinute) * 60);
    expect(drain.classes[1]?.estimatedSeconds).toBeCloseTo(drain.estimatedSeconds ?? 0);
    await ledger.stopWorker(incarnation);
  });
});

describe('what a job waits for', () => {
  interface Waiting {
    readonly waitsFor: { cause: string; message: string; until: string | null }[];
  }
  const waitsFor = async (id: string) => (await get<Waiting>(`/api/admin/agents/jobs/${id}`)).waitsFor;
  const causes = async (id: string) => (await waitsFor(id)).map(({ cause }) => cause);

  beforeAll(() =>
    new Ledger(cfdi).startWorker({ agent: 'cfdi', instance: 'cfdi-2', incarnation: nobody(), about: {} }),
  );

  it('is its turn while nothing holds it up', async () => {
    expect(await causes(await stamp())).toEqual(['turn']);
  });

  it('is the licence while it is limited, with the sentence for the owner; not for what is under way', async () => {
    const id = await stamp();
    await license.record({ message: 'La licencia venció el 1 de diciembre.' });
    await license.report('limited', 'file expired');
    const [wait] = await waitsFor(id);
    expect(wait).toMatchObject({ cause: 'license', until: null });
    expect(wait?.message).toContain('La licencia venció el 1 de diciembre.');
    const at = 'agents.now()';
    await gateway.sql(`UPDATE agents.job SET intent = jsonb_build_object('key', 'k', 'since', ${at}) WHERE id = $1`, [
      id,
    ]);
    expect(await causes(id)).toEqual(['turn']);
  });

  it('is the line while it is away, and the classes before its own while they drain', async () => {
    const id = await stamp();
    await sync.ledger.reportConnectivity({ state: 'offline', error: 'no route' });
    expect(await causes(id)).toEqual(['internet']);
    await enqueue(license.database, licenseKinds.renew, {});
    await sync.ledger.reportConnectivity({ state: 'online' });
    expect(await causes(id)).toEqual(['class']);
  });

  it('is a pause, a hold with its reason, a wrong clock and its own hour, all at once', async () => {
    const runAt = new Date(Date.now() + 3_600_000);
    const id = await stamp({ scope: RFC, runAt });
    const operator = { as: 'operator' } as const;
    await gateway.call('POST', '/api/admin/agents/cfdi/pause', operator);
    await new Ledger(cfdi).hold({ kind: cfdiKinds.stamp.name, scope: RFC }, 'El CSD venció');
    await gateway.sql(`UPDATE agents.clock_mark SET mark = agents.now() + interval '1 h'`);
    const waits = await waitsFor(id);
    expect(waits.map(({ cause }) => cause)).toEqual(['paused', 'hold', 'clock', 'time']);
    expect(waits[1]).toMatchObject({ message: 'El CSD venció', until: null });
    expect(waits[3]).toMatchObject({ until: runAt.toISOString() });
    expect(JSON.stringify(waits)).not.toContain(RFC);
    await gateway.call('POST', '/api/admin/agents/cfdi/resume', operator);
    await gateway.sql('SELECT agents.set_clock(NULL)');
    await new Ledger(cfdi).unhold({ kind: cfdiKinds.stamp.name, scope: RFC });
  });

  it('is the agent, when none of its processes is there or all are switched off', async () => {
    const id = await stamp();
    await gateway.sql(`UPDATE agents.worker SET about = '{"enabled": false}' WHERE agent = 'cfdi'`);
    expect(await causes(id)).toEqual(['switched-off']);
    await gateway.sql(`UPDATE agents.worker SET stopped_at = agents.now() WHERE agent = 'cfdi'`);
    expect(await causes(id)).toEqual(['not-running']);
  });

  it('is nothing when it has ended', async () => {
    expect(await waitsFor(await sync.bury())).toEqual([]);
    expect(await waitsFor(await sync.finish())).toEqual([]);
  });
});
