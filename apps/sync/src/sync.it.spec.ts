import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '@nexora/database';
import { runSchedule } from '@nexora/outbox';
import { freshDatabase, freshRedis, spawnNode, until, type NodeProcess } from '@nexora/testing';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const endings: (() => unknown)[] = [];
let owner: Database;
let agent: NodeProcess;
let outside: Server;
let env: Record<string, string>;

beforeAll(async () => {
  const fresh = await freshDatabase();
  const redis = await freshRedis();
  owner = await Database.open({ url: fresh.url, onConnectionError: () => undefined });
  endings.push(
    () => owner.close(1_000).then(() => fresh.drop()),
    () => redis.release(),
  );
  outside = createServer((_request, response) => response.end('OK')).listen(0, '127.0.0.1');
  endings.push(() => outside.close());
  await until(() => outside.listening, { what: 'the outside' });
  env = {
    DATABASE_URL: fresh.urlFor('sync'),
    REDIS_URL: redis.url,
    INSTANCE_NAME: 'sync-1',
    AGENTS_HEARTBEAT_URL: `http://127.0.0.1:${(outside.address() as AddressInfo).port}`,
    AGENTS_HEARTBEAT_EXPECT: 'OK',
  };
  agent = await start();
}, 60_000);

afterAll(async () => {
  await agent.kill9();
  for (const end of endings.reverse()) await end();
});

async function start(extra: Record<string, string> = {}): Promise<NodeProcess> {
  return spawnNode({ entry: main, env: { ...env, ...extra }, ready: /"process-started"/ });
}

async function ran(schedule: string): Promise<Record<string, unknown>> {
  const job = await runSchedule(owner, schedule);
  const row = async () =>
    (
      await owner.query<{ state: string; result: Record<string, unknown> }>({
        text: 'SELECT state, result FROM agents.job_listing WHERE id = $1',
        values: [job],
      })
    )[0];
  await until(async () => (await row())?.state === 'done', { what: `${schedule} to be done` });
  return (await row())?.result ?? {};
}

const state = async () =>
  (await owner.query<{ state: string }>({ text: 'SELECT state FROM agents.connectivity_state' }))[0]?.state;

describe('the sync agent as a process of its own', () => {
  it('is ready, and tells the ledger that the line is there', async () => {
    await until(async () => (await state()) === 'online', { what: 'the verdict' });
    const [, url = ''] = await agent.line(/"process-started".*"url":"([^"]+)"/);
    const ready = (await (await fetch(`${url}/health/ready`)).json()) as { status: string };
    expect(ready.status).toBe('ok');
  });

  it('audits every five minutes and prunes every hour', async () => {
    const text = `SELECT name, rule FROM agents.schedules WHERE agent = 'sync' ORDER BY name`;
    expect(await owner.query({ text })).toEqual([
      { name: 'sync.audit', rule: 'every 00:05:00' },
      { name: 'sync.prune', rule: 'every 01:00:00' },
    ]);
  });

  it('audits the ledger and says what it found', async () => {
    expect(await ran('sync.audit')).toEqual({ released: 0, woken: [], unclaimed: [], adopted: [], failed: [] });
  });

  it('gives back a row that ran without a live worker', async () => {
    const incarnation = '0192f0c1-7b1a-7e1a-8f1a-0192f0c17b1a';
    await owner.query({
      text: `SELECT agents.declare('cfdi', '1', $1, '[]', '[]')`,
      values: [JSON.stringify([{ name: 'cfdi.probe' }])],
    });
    await owner.query({ text: `SELECT agents.start_worker('cfdi', 'cfdi-1', $1, '{}')`, values: [incarnation] });
    await owner.query({ text: `SELECT agents.enqueue('cfdi.probe', '{}')` });
    await owner.query({ text: `SELECT * FROM agents.claim($1, 'cfdi.probe', 1)`, values: [incarnation] });
    await owner.query({
      text: 'UPDATE agents.worker SET lost_at = agents.now() WHERE incarnation = $1',
      values: [incarnation],
    });
    expect(await ran('sync.audit')).toMatchObject({ released: 1 });
  });

  it('prunes finished history after the retention, and nothing before', async () => {
    await owner.query({ text: `UPDATE agents.job_finished SET finished_at = finished_at - interval '29 days'` });
    const kept = await ran('sync.prune');
    expect(kept).toEqual({ rows: 0, batches: 0 });
    await owner.query({ text: `UPDATE agents.job_finished SET finished_at = finished_at - interval '2 days'` });
    const pruned = await ran('sync.prune');
    expect(pruned['rows']).toBeGreaterThan(0);
  });

  it('declares a cut within seconds, and the return too', async () => {
    const { port } = outside.address() as AddressInfo;
    outside.close();
    outside.closeAllConnections();
    await owner.query({ text: `SELECT agents.hint('pac.example')` });
    await until(async () => (await state()) === 'offline', { within: 10_000, what: 'the cut' });
    outside.listen(port, '127.0.0.1');
    await until(async () => (await state()) === 'online', { within: 15_000, what: 'the return' });
  }, 40_000);

  it('ends in order with 0', async () => {
    expect(await agent.stop()).toMatchObject({ code: 0 });
  });

  it('asks nobody and claims nothing while agents are switched off, and stays healthy', async () => {
    agent = await start({ AGENTS_ENABLED: 'false' });
    const job = await runSchedule(owner, 'sync.audit');
    const [, url = ''] = await agent.line(/"process-started".*"url":"([^"]+)"/);
    const ready = (await (await fetch(`${url}/health/ready`)).json()) as { status: string };
    const rows = await owner.query<{ state: string }>({
      text: 'SELECT state FROM agents.job_listing WHERE id = $1',
      values: [job],
    });
    expect([ready.status, rows[0]?.state]).toEqual(['ok', 'pending']);
  });
});
