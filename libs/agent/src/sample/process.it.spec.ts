import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createDatabase, privateRedis, until } from '@nexora/testing';
import { SampleHouse } from './sample-house.conformance.ts';

let house: SampleHouse;
beforeEach(async () => {
  house = await SampleHouse.open();
});
afterEach(() => house.end());

const urlIn = (output: string) => /"url":"(http:[^"]+)"/.exec(output)?.[1] ?? '';

describe('the process of an agent', () => {
  it('works what is handed over, answers for its health, and ends with 0', async () => {
    const agent = await house.start();
    await house.handOver(50);
    await house.reaches(50, 'done');
    expect(await house.account()).toEqual({ doubled: [], withoutEffect: [] });
    const url = urlIn(agent.output);
    const ready = await fetch(`${url}/health/ready`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({
      status: 'ok',
      details: {
        postgres: { status: 'up' },
        redis: { status: 'up' },
        ledger: { status: 'up' },
        heartbeat: { status: 'up' },
        work: { status: 'up' },
        internet: { status: 'up' },
      },
    });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/nexora_outbox_rows\{[^}]*kind="sample.work"[^}]*state="dead"[^}]*\} 0/);
    expect(metrics).toMatch(/nexora_outbox_oldest_pending_age_seconds\{[^}]*kind="sample.work"[^}]*\} \d/);
    expect(metrics).toMatch(/nexora_jobs_running\{[^}]*kind="sample.work"[^}]*\} \d/);
    expect(metrics).toMatch(/nexora_schedule_period_seconds\{[^}]*schedule="sample.tick"[^}]*\} 3600/);
    expect(metrics).toMatch(/nexora_clock_skew_seconds\{[^}]*\} -?\d/);
    expect(metrics).toMatch(/nexora_jobs_finished_total\{[^}]*kind="sample.ticked"[^}]*outcome="dead"[^}]*\} 0/);
    expect(metrics).toMatch(/nexora_process_info\{[^}]*version="0\.[1-9]/);
    expect(metrics).toMatch(/nexora_jobs_finished_total\{[^}]*kind="sample.work"[^}]*outcome="done"[^}]*\} 50/);
    expect(await agent.stop()).toEqual({ code: 0, signal: null });
  });

  it('tells the ledger which parts it reaches, and when that changes', async () => {
    const redis = await privateRedis();
    await house.start({ pace: 20, env: { REDIS_URL: redis.server.url } });
    const told = async (name: string) => {
      const [row] = await house.database.query<{ part: { status: string } | null }>({
        text: `SELECT d AS part FROM agents.alive, jsonb_array_elements(about->'dependencies') d
                WHERE instance = 'sample-1' AND d->>'name' = $1`,
        values: [name],
      });
      return row?.part?.status;
    };
    await until(async () => (await told('redis')) === 'up', { what: 'word of Redis' });
    expect([await told('postgres'), await told('clock')]).toEqual(['up', 'up']);
    await redis.server.kill();
    await house.database.query({ text: `UPDATE agents.clock_mark SET mark = agents.now() + interval '1 h'` });
    await until(async () => (await told('redis')) === 'down', { within: 15_000, what: 'word of the outage' });
    await until(async () => (await told('clock')) === 'down', { what: 'word of the wrong clock' });
    await redis.end();
  });

  it('stays healthy and takes nothing with AGENTS_ENABLED=false; true again, all drains', async () => {
    const idle = await house.start({ env: { AGENTS_ENABLED: 'false', SAMPLE_EVERY_SECONDS: '1' } });
    await house.handOver(5);
    const report = await (await fetch(`${urlIn(idle.output)}/health/ready`)).json();
    expect(report).toMatchObject({ status: 'ok', details: { work: { detail: 'takes no work: disabled' } } });
    expect(await house.count(`state <> 'pending'`)).toBe(0);
    expect(await house.count(`kind = 'sample.ticked'`)).toBe(0);
    const [told] = await house.database.query({ text: `SELECT about->>'enabled' AS enabled FROM agents.alive` });
    expect(told).toEqual({ enabled: 'false' });
    expect(await idle.stop()).toEqual({ code: 0, signal: null });
    await house.start();
    await house.reaches(5, 'done');
  });

  it('finishes what runs when it is asked to end, and gives the rest back uncounted', async () => {
    await house.handOver(8, `jsonb_build_object('tag', n::text, 'holdMs', CASE WHEN n <= 2 THEN 500 ELSE 60000 END)`);
    const agent = await house.start({ env: { SHUTDOWN_GRACE_SECONDS: '2' } });
    await until(async () => (await house.count(`state = 'running'`)) === 4, { what: 'four to run' });
    expect(await agent.stop()).toEqual({ code: 0, signal: null });
    expect(await house.count(`state = 'done'`)).toBe(2);
    expect(await house.count(`state = 'pending' AND attempts = 0 AND last_error IS NULL`)).toBe(6);
  });

  it('does not start against a database without the ledger: exit 78 and a sentence', async () => {
    const empty = await createDatabase();
    const agent = await house.start({ env: { DATABASE_URL: empty.url }, ready: null });
    expect((await agent.exited).code).toBe(78);
    expect(agent.output).toContain('run the migrations');
    await empty.drop();
  });

  it('does not start while unfinished rows of a kind wait that it no longer has', async () => {
    await house.database.query({
      text: `SELECT agents.declare('sample', '2', (SELECT jsonb_agg(k) FROM jsonb_array_elements($1::jsonb) k), '[]', '[]')`,
      values: [
        JSON.stringify([
          kindRow('sample.work'),
          kindRow('sample.ordered'),
          kindRow('sample.ticked'),
          kindRow('sample.old'),
        ]),
      ],
    });
    await house.handOver(1, `'{}'`, 'sample.old');
    const agent = await house.start({ ready: null });
    expect((await agent.exited).code).toBe(78);
    expect(agent.output).toContain('sample.old');
  });

  it('starts and works without Redis, and says so in its health', async () => {
    await house.handOver(3);
    const agent = await house.start({ env: { REDIS_URL: 'redis://127.0.0.1:1/0' } });
    await house.reaches(3, 'done');
    const report = await (await fetch(`${urlIn(agent.output)}/health/ready`)).json();
    expect(report).toMatchObject({ status: 'ok', error: { redis: { status: 'down' } } });
    expect(await agent.stop()).toEqual({ code: 0, signal: null });
  });
});

function kindRow(name: string) {
  return {
    name,
    needsInternet: null,
    delivery: 'ask',
    ordered: name === 'sample.ordered',
    enqueuers: [],
    shown: [],
    dependsOnTime: false,
    needsLicense: false,
    total: null,
    rate: null,
  };
}
