import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { syncKinds } from '@nexora/contracts';
import { enqueue } from '@nexora/outbox';
import { gatewayUnderTest, nobody, problemIn, type GatewayUnderTest } from '../testing/gateway.conformance.ts';
import { syncWorker, type SyncWorker } from '../testing/sync-worker.conformance.ts';

let gateway: GatewayUnderTest;
let sync: SyncWorker;

beforeAll(async () => {
  gateway = await gatewayUnderTest();
  sync = await syncWorker(gateway);
});
afterAll(async () => {
  await sync.close();
  await gateway.stop();
});

function get<T = Record<string, unknown>>(path: string): Promise<T> {
  return gateway.call('GET', path, { as: 'viewer' }).then(({ body }) => body as T);
}

function post(path: string, body?: unknown, headers: Record<string, string> = {}) {
  return gateway.call('POST', path, { as: 'operator', body, headers });
}

async function auditOf(target: string): Promise<string[]> {
  const rows = await gateway.sql<{ action: string }>('SELECT action FROM gateway.audit WHERE target = $1 ORDER BY id', [
    target,
  ]);
  return rows.map(({ action }) => action);
}

const stateOf = async (id: string) => (await get<{ state: string }>(`/api/admin/agents/jobs/${id}`)).state;

describe('jobs', () => {
  it('tells the whole story of one', async () => {
    const job = await sync.claim();
    await sync.ledger.progress(sync.incarnation, job, 0.5, 'half of it');
    await sync.ledger.log(sync.incarnation, job, { level: 'info', line: 'looked at the first half' });
    const running = await get(`/api/admin/agents/jobs/${job.id}`);
    expect(running).toMatchObject({
      agent: 'sync',
      kind: 'sync.audit',
      state: 'running',
      instance: 'sync-1',
      progress: { fraction: 0.5, phrase: 'half of it' },
      log: [{ level: 'info', line: 'looked at the first half' }],
    });
    await sync.ledger.retry(sync.incarnation, job, {
      delayMs: 60_000,
      error: { code: 'agents.failed', message: 'It broke.' },
      maxAttempts: null,
    });
    const waiting = await get(`/api/admin/agents/jobs/${job.id}`);
    expect(waiting).toMatchObject({ state: 'pending', attempts: 1, error: { code: 'agents.failed' } });
    expect(waiting['trail']).toMatchObject([{ number: 1, outcome: 'retry', instance: 'sync-1' }]);
  });

  it('shows of a payload only what its kind lets be shown', async () => {
    const [{ id }] = (await gateway.sql<{ id: string }>(
      `INSERT INTO agents.job (id, run_at, created_at, state, priority, kind, payload)
       VALUES (gen_random_uuid(), now(), now(), 'dead', 2, 'cfdi.stamp', '{"comprobanteId": "x", "rfc": "SECRET"}') RETURNING id`,
    )) as [{ id: string }];
    expect((await get(`/api/admin/agents/jobs/${id}`))['payload']).toEqual({ comprobanteId: 'x' });
    await gateway.sql('DELETE FROM agents.job WHERE id = $1', [id]);
  });

  it('tell the RFC of an issuer to operators alone, nor do they tell others by a search for it', async () => {
    const rfc = 'CACX7605101P8';
    const id = await enqueue(sync.database, syncKinds.audit, {}, { scope: rfc });
    const seen = async (as: 'viewer' | 'operator') => {
      const one = await gateway.call('GET', `/api/admin/agents/jobs/${id}`, { as });
      const found = await gateway.call('GET', `/api/admin/agents/jobs?q=${rfc}`, { as });
      return [(one.body as { scope: unknown }).scope, (found.body as { items: unknown[] }).items.length];
    };
    expect(await seen('operator')).toEqual([rfc, 1]);
    expect(await seen('viewer')).toEqual([null, 0]);
    await post(`/api/admin/agents/jobs/${id}/cancel`);
  });

  it('are listed by state, agent, kind and a word, newest first, in pages', async () => {
    const dead = [await sync.bury('agents.timeout'), await sync.bury('agents.timeout'), await sync.bury()];
    const ids = async (query: string) =>
      (await get<{ items: { id: string }[] }>(`/api/admin/agents/jobs?${query}`)).items.map(({ id }) => id);
    expect(await ids('state=dead&agent=sync')).toEqual([...dead].reverse());
    expect(await ids('q=agents.timeout')).toEqual([dead[1], dead[0]]);
    expect(await ids(`q=${dead[2]?.toUpperCase()}`)).toEqual([dead[2]]);
    expect(await ids('kind=cfdi.stamp')).toEqual([]);
    const first = await get<{ items: { id: string }[]; nextCursor: string }>(
      '/api/admin/agents/jobs?state=dead&limit=2',
    );
    const rest = await ids(`state=dead&limit=2&cursor=${first.nextCursor}`);
    expect([...first.items.map(({ id }) => id), ...rest]).toEqual([...dead].reverse());
  });

  it('stay listed after they are done, with their result', async () => {
    const id = await sync.finish();
    const story = await get(`/api/admin/agents/jobs/${id}`);
    expect(story).toMatchObject({ state: 'done', result: { adopted: 0 }, trail: [{ outcome: 'done' }] });
    const { items } = await get<{ items: { id: string }[] }>('/api/admin/agents/jobs?state=done');
    expect(items.map((item) => item.id)).toContain(id);
  });

  it('that nobody knows are answered with 404', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/cancel'],
    ] as const) {
      const answer = await gateway.call(method, `/api/admin/agents/jobs/${nobody()}${path}`);
      expect([answer.status, problemIn(answer).type]).toEqual([404, 'urn:nexora:problem:agents.job-not-found']);
    }
  });
});

describe('cancelling a job', () => {
  it('ends a waiting one at once and leaves a trace in the audit log', async () => {
    const id = await sync.enqueue();
    const answer = await post(`/api/admin/agents/jobs/${id}/cancel`);
    expect([answer.status, answer.body]).toEqual([200, { id, state: 'cancelled' }]);
    expect(await stateOf(id)).toBe('cancelled');
    expect(await auditOf(id)).toEqual(['job.cancel']);
  });

  it('tells the worker of a running one', async () => {
    const { id } = await sync.claim();
    const answer = await post(`/api/admin/agents/jobs/${id}/cancel`);
    expect([answer.status, answer.body]).toEqual([202, { id, state: 'cancelling' }]);
    expect((await sync.ledger.beat(sync.incarnation)).cancelled).toContain(id);
  });

  it('is answered with 409 after it has ended', async () => {
    const id = await sync.finish();
    const answer = await post(`/api/admin/agents/jobs/${id}/cancel`);
    expect([answer.status, problemIn(answer).type]).toEqual([409, 'urn:nexora:problem:agents.job-finished']);
    expect(await auditOf(id)).toEqual([]);
  });
});

describe('retrying', () => {
  it('brings a dead job back', async () => {
    const id = await sync.bury();
    const answer = await post(`/api/admin/agents/retry/job/${id}`);
    expect([answer.status, answer.body]).toEqual([202, { jobId: id }]);
    expect(await stateOf(id)).toBe('pending');
    expect(await auditOf(id)).toEqual(['job.retry']);
  });

  it('is answered with 409 for a running and a finished job, and with 404 for none', async () => {
    const { id } = await sync.claim();
    expect((await post(`/api/admin/agents/retry/job/${id}`)).status).toBe(409);
    expect((await post(`/api/admin/agents/retry/job/${await sync.finish()}`)).status).toBe(409);
    for (const kind of ['cfdi', 'media', 'notif', 'job']) {
      expect((await post(`/api/admin/agents/retry/${kind}/${nobody()}`)).status).toBe(404);
    }
  });

  it('brings many dead letters back by a filter and says which', async () => {
    const mine = [await sync.bury('cfdi.ours'), await sync.bury('cfdi.ours')];
    const other = await sync.bury('cfdi.account');
    const answer = await post('/api/admin/agents/jobs/retry', { filter: { agent: 'sync', errorCode: 'cfdi.ours' } });
    const { retried, refused } = answer.body as { retried: string[]; refused: unknown[] };
    expect([answer.status, retried.sort(), refused]).toEqual([202, mine.sort(), []]);
    expect(await stateOf(other)).toBe('dead');
  });

  it('brings many back by their ids and says why not the others', async () => {
    const dead = await sync.bury();
    const done = await sync.finish();
    const unknown = nobody();
    const answer = await post('/api/admin/agents/jobs/retry', { ids: [dead, done, unknown, dead] });
    const { retried, refused } = answer.body as { retried: string[]; refused: { id: string; reason: string }[] };
    expect(retried).toEqual([dead]);
    expect(new Map(refused.map(({ id, reason }) => [id, reason]))).toEqual(
      new Map([
        [done, 'done'],
        [unknown, 'unknown'],
      ]),
    );
  });

  it('twice with the same Idempotency-Key acts once', async () => {
    const id = await sync.bury();
    const headers = { 'idempotency-key': 'retry-once' };
    await post(`/api/admin/agents/retry/job/${id}`, undefined, headers);
    const again = await post(`/api/admin/agents/retry/job/${id}`, undefined, headers);
    expect([again.status, again.body]).toEqual([202, { jobId: id }]);
    expect(await auditOf(id)).toEqual(['job.retry']);
  });
});

describe('queues', () => {
  it('have a line for every agent and each priority, zeros too, and count by state', async () => {
    await sync.bury();
    const { queues } = await get<{ queues: Record<string, unknown>[] }>('/api/admin/agents/queues');
    expect(queues.map(({ agent, priority }) => `${agent} ${priority}`)).toEqual(
      ['cfdi', 'license', 'sync'].flatMap((agent) =>
        ['critical', 'high', 'default', 'low'].map((priority) => `${agent} ${priority}`),
      ),
    );
    const [counted] = await gateway.sql<{ dead: number; running: number; done: number }>(
      `SELECT count(*) FILTER (WHERE state = 'dead')::int AS dead, count(*) FILTER (WHERE state = 'running')::int AS running,
         (SELECT count(*)::int FROM agents.job_finished WHERE state = 'done') AS done FROM agents.job`,
    );
    expect(queues.find(({ agent, priority }) => agent === 'sync' && priority === 'default')).toMatchObject({
      dead: counted!.dead,
      running: counted!.running,
      doneLastHour: counted!.done,
    });
  });

  it('tell the age of the oldest job that is due, and null where none is', async () => {
    await sync.enqueue();
    const { queues } = await get<{ queues: { agent: string; oldestAgeSeconds: number | null }[] }>(
      '/api/admin/agents/queues',
    );
    expect(queues.find(({ agent }) => agent === 'cfdi')?.oldestAgeSeconds).toBeNull();
    expect(queues.some(({ oldestAgeSeconds }) => oldestAgeSeconds !== null && oldestAgeSeconds >= 0)).toBe(true);
  });
});

describe('agents', () => {
  it('are shown with their processes, schedules and the line to the Internet', async () => {
    const health = await get<{ agents: Record<string, unknown>[]; connectivity: unknown }>('/api/admin/agents/health');
    expect(health.agents).toMatchObject([
      { agent: 'cfdi', state: 'never-started', instances: [], schedules: [{ name: 'cfdi.pick-up-pending' }] },
      { agent: 'license', state: 'never-started', instances: [], schedules: [] },
      { agent: 'sync', state: 'live', paused: false, instances: [{ instance: 'sync-1', state: 'live' }] },
    ]);
    expect(health.connectivity).toMatchObject({ state: 'unknown' });
  });

  it('say what they cannot reach; one that fell silent is not called live', async () => {
    interface Shown {
      agents: { agent: string; state: string; dependencies: unknown[]; instances: Record<string, unknown>[] }[];
    }
    const shown = async () =>
      (await get<Shown>('/api/admin/agents/health')).agents.find(({ agent }) => agent === 'sync');
    const dependencies = [
      { name: 'postgres', status: 'up' },
      { name: 'storage', status: 'down', detail: 'connection refused' },
    ];
    await sync.ledger.tell(sync.incarnation, { dependencies });
    expect(await shown()).toMatchObject({
      state: 'live',
      dependencies,
      instances: [{ state: 'live', dependencies, about: { version: '1.2.3' } }],
    });
    await gateway.sql(`UPDATE agents.worker SET beat_at = agents.now() - interval '31 s'`);
    expect(await shown()).toMatchObject({ state: 'down', dependencies: [], instances: [{ state: 'silent' }] });
    await sync.ledger.beat(sync.incarnation);
    expect(await shown()).toMatchObject({ state: 'live', dependencies });
  });

  it('stand beside a clock that is wrong', async () => {
    const clock = async () => (await get<{ clock: unknown }>('/api/admin/agents/health')).clock;
    expect(await clock()).toMatchObject({ ok: true, behindSeconds: 0 });
    await gateway.sql(`UPDATE agents.clock_mark SET mark = agents.now() + interval '1 h'`);
    expect(await clock()).toMatchObject({ ok: false, behindSeconds: expect.any(Number) });
    await gateway.sql('SELECT agents.set_clock(NULL)');
    expect(await clock()).toMatchObject({ ok: true });
  });

  it('can be paused and resumed, and the audit log says by whom', async () => {
    expect((await post('/api/admin/agents/sync/pause')).body).toEqual({ agent: 'sync', paused: true });
    expect((await sync.ledger.beat(sync.incarnation)).paused).toBe(true);
    expect((await post('/api/admin/agents/sync/resume')).body).toEqual({ agent: 'sync', paused: false });
    expect((await sync.ledger.beat(sync.incarnation)).paused).toBe(false);
    expect(await auditOf('sync')).toEqual(['agent.pause', 'agent.resume']);
  });

  it('that do not exist are answered with 404', async () => {
    expect((await post('/api/admin/agents/nobody/pause')).status).toBe(404);
    expect(await auditOf('nobody')).toEqual([]);
  });

  it('see the line as the sync agent reported it', async () => {
    await sync.ledger.reportConnectivity({ state: 'offline', error: 'no route' });
    const line = await get('/api/admin/connectivity');
    expect(line).toMatchObject({ state: 'offline', lastError: 'no route' });
    expect(Date.parse(String(line['since']))).not.toBeNaN();
    await sync.ledger.reportConnectivity({ state: 'online', latencyMs: 12 });
    expect(await get('/api/admin/connectivity')).toMatchObject({ state: 'online', latencyMs: 12 });
  });
});

describe('schedules', () => {
  const name = 'cfdi.pick-up-pending';

  it('are listed with a sentence for people', async () => {
    const { schedules } = await get<{ schedules: unknown[] }>('/api/admin/agents/schedules');
    expect(schedules).toMatchObject([
      { name, agent: 'cfdi', description: 'Looks for comprobantes that nobody works on', paused: false, lastRun: null },
    ]);
  });

  it('can be run now', async () => {
    const answer = await post(`/api/admin/agents/schedules/${name}/run`);
    const { jobId } = answer.body as { jobId: string };
    expect([answer.status, await stateOf(jobId)]).toEqual([202, 'pending']);
    const { schedules } = await get<{ schedules: { lastRun: unknown }[] }>('/api/admin/agents/schedules');
    expect(schedules[0]?.lastRun).toMatchObject({ jobId, state: 'pending' });
  });

  it('can be paused and resumed', async () => {
    const paused = async () =>
      (await get<{ schedules: { paused: boolean }[] }>('/api/admin/agents/schedules')).schedules[0]?.paused;
    await post(`/api/admin/agents/schedules/${name}/pause`);
    expect(await paused()).toBe(true);
    await post(`/api/admin/agents/schedules/${name}/resume`);
    expect(await paused()).toBe(false);
    expect(await auditOf(name)).toEqual(['schedule.run', 'schedule.pause', 'schedule.resume']);
  });

  it('that do not exist are answered with 404', async () => {
    for (const verb of ['run', 'pause', 'resume']) {
      expect((await post(`/api/admin/agents/schedules/nothing/${verb}`)).status).toBe(404);
    }
  });
});
