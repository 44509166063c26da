import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isAlive, refOf, signal, type ProcessRef } from '@nexora/embedded';
import { until } from '@nexora/testing';
import pg from 'pg';
import { TestHouse, type Ended } from './fixtures/commands.ts';
import { processesIn, type StackState } from './state.ts';
import type { ProcessReport, StatusReport } from './status-report.ts';

const START_MS = 180_000;
const house = new TestHouse();
let first: Ended;

beforeAll(async () => {
  first = await house.run('up', '--detach');
}, START_MS);

afterAll(() => house.end(), 60_000);

function state(): StackState {
  return JSON.parse(readFileSync(join(house.path, 'state.json'), 'utf8')) as StackState;
}

/** Every process of the house: apps, sandbox, services, supervisor. */
function everyProcess(): ProcessRef[] {
  return [...processesIn(state()), state().supervisor];
}

function named(report: StatusReport, name: string): ProcessReport {
  const found = report.processes.find((each) => each.name === name);
  if (found === undefined) throw new Error(`status knows no ${name}`);
  return found;
}

async function ask<T extends pg.QueryResultRow>(text: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: state().postgres?.url });
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}

async function untilAllRun(): Promise<void> {
  await until(async () => (await house.status()).code === 0, { within: 60_000, what: 'all processes to run' });
}

describe('a house brought up by one command', () => {
  it('is ready with its seed when the command returns', async () => {
    expect(first).toMatchObject({ code: 0, output: expect.stringContaining('Nexora is up') as unknown });
    const [seeded] = await ask<{ n: number }>(
      "SELECT count(*)::int AS n FROM agents.comprobante_status WHERE serie = 'DEMO'",
    );
    expect(seeded?.n).toBe(3);
  });

  it('tells programs where everything is', async () => {
    const { code, report } = await house.status();
    expect(code).toBe(0);
    expect(report.processes.map((each) => each.name).sort()).toEqual(
      expect.arrayContaining(['admin-gateway', 'cfdi', 'license', 'sandbox-pac', 'sandbox-portal', 'sync']),
    );
    expect(named(report, 'cfdi')).toEqual({
      name: 'cfdi',
      pid: expect.any(Number),
      state: 'running',
      restarts: 0,
      rssBytes: expect.any(Number),
      pssBytes: expect.any(Number),
      metricsUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/),
    });
    expect(report).toMatchObject({
      gateway: { url: expect.stringMatching(/^http:/) },
      postgres: { url: expect.stringMatching(/^postgresql:\/\/.+:.+@127/) },
      redis: { url: expect.stringMatching(/^redis:\/\/default:.+@127/) },
      storage: { url: expect.stringMatching(/^file:\/\//) },
      sandbox: { pac: { url: expect.stringMatching(/^http:/) }, portal: { url: expect.stringMatching(/^http:/) } },
    });
    const health = await fetch(`${String(report.gateway?.url)}/api/health/ready`);
    expect(health.status).toBe(200);
    expect(first.output).toContain(`${String(report.gateway?.url)}/api/docs`);
    expect((await fetch(`${String(report.gateway?.url)}/api/docs`)).status).toBe(200);
  });

  it('takes an issuer of the operator’s own without being told its database or key', async () => {
    const issuer = [
      'issuer',
      'add',
      '--rfc',
      'XIA190128J61',
      '--nombre',
      'XENON INDUSTRIAL ARTICLES',
      '--regimen',
      '601',
    ];
    expect(await house.run('cfdi', ...issuer)).toMatchObject({ code: 0 });
    expect(await ask("SELECT FROM agents.issuers WHERE rfc = 'XIA190128J61'")).toHaveLength(1);
  });

  it('gives the process id of Node itself', async () => {
    const { report } = await house.status();
    const commands = report.processes.map((each) => readFileSync(`/proc/${String(each.pid)}/cmdline`, 'utf8'));
    for (const command of commands) expect(command).toMatch(/^[^\0]*node\0--max-old-space-size=256\0/);
  });

  it('says so when it is told to come up a second time', async () => {
    const second = await house.run('up', '--detach');
    expect(second).toMatchObject({ code: 0, output: expect.stringContaining('already') as unknown });
  });

  it('starts an app again that was killed by -9', async () => {
    const before = named((await house.status()).report, 'cfdi');
    signal(Number(before.pid), 'SIGKILL');
    await until(async () => named((await house.status()).report, 'cfdi').pid !== before.pid, { what: 'another pid' });
    await untilAllRun();
    expect(named((await house.status()).report, 'cfdi').restarts).toBe(before.restarts + 1);
  }, 90_000);

  it('starts an app again that is frozen, and says why', async () => {
    const before = named((await house.status()).report, 'sync');
    signal(Number(before.pid), 'SIGSTOP');
    await until(async () => named((await house.status()).report, 'sync').pid !== before.pid, {
      within: 90_000,
      what: 'another pid',
    });
    await untilAllRun();
    expect((await house.run('status')).stdout).toMatch(/^sync last restart: did not answer 3 times in a row/m);
  }, 180_000);

  it('brings Postgres and Redis back on the same addresses', async () => {
    const before = state();
    for (const ref of [before.postgres?.ref, before.redis?.ref]) signal(Number(ref?.pid), 'SIGKILL');
    await until(() => state().postgres?.ref?.pid !== before.postgres?.ref?.pid && state().postgres?.ref, {
      within: 30_000,
      what: 'Postgres to be back',
    });
    expect(await ask('SELECT 1 AS up')).toEqual([{ up: 1 }]);
    expect(state().redis?.url).toBe(before.redis?.url);
  }, 60_000);

  it('prints a token and nothing else', async () => {
    const { code, stdout, output } = await house.run('admin', 'create-token', '--role', 'viewer');
    expect({ code, output }).toEqual({ code: 0, output: stdout.trimEnd() });
    expect(stdout).toMatch(/^\S+\n$/);
    const gateway = String((await house.status()).report.gateway?.url);
    const headers = { authorization: `Bearer ${stdout.trim()}` };
    expect((await fetch(`${gateway}/api/admin/agents/health`, { headers })).status).toBe(200);
  });

  it('cuts the line and restores it, and the controls work meanwhile', async () => {
    const pac = String((await house.status()).report.sandbox?.pac?.url);
    expect((await house.run('sandbox', 'internet', 'cut')).code).toBe(0);
    await expect(fetch(pac)).rejects.toThrow();
    expect((await house.run('sandbox', 'pac', 'delay:10', '--times', '1')).code).toBe(0);
    expect((await house.run('sandbox', 'internet', 'restore')).code).toBe(0);
    expect((await fetch(pac)).status).toBe(404);
  });

  it('moves the clock of the house and of the PAC, and sets it right', async () => {
    const ahead = 'SELECT round(extract(epoch FROM agents.now() - clock_timestamp()) / 3600)::int AS hours';
    expect((await house.run('sandbox', 'clock', '-2h')).code).toBe(0);
    expect(await ask(ahead)).toEqual([{ hours: -2 }]);
    for (const [outside, offsetSeconds] of [
      [state().sandbox?.pac, -7_200],
      [state().sandbox?.portal, 0],
    ] as const) {
      const told = await fetch(`${String(outside?.controlUrl)}/control/state`);
      expect(await told.json()).toMatchObject({ clock: { offsetSeconds } });
    }
    expect((await house.run('sandbox', 'clock', 'reset')).code).toBe(0);
    expect(await ask(ahead)).toEqual([{ hours: 0 }]);
  });

  it('lists what reached the PAC, one JSON object per line', async () => {
    const { stdout } = await house.run('sandbox', 'pac', 'log');
    const entries = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const entry of entries) {
      expect(Object.keys(entry)).toEqual(expect.arrayContaining(['time', 'customid', 'sha256', 'uuid']));
    }
  });

  it(
    'leaves no process when its supervisor is killed by -9, and the next start carries on',
    async () => {
      const left = everyProcess();
      signal(state().supervisor.pid, 'SIGKILL');
      await until(async () => (await house.status()).code === 1, { what: 'status to notice' });
      const again = await house.run('up', '--detach');
      expect(again).toMatchObject({ code: 0, output: expect.stringContaining('Nexora is up') as unknown });
      expect(left.filter(isAlive)).toEqual([]);
      const rows = await ask("SELECT FROM agents.comprobante_status WHERE serie = 'DEMO'");
      expect(rows).toHaveLength(3);
    },
    START_MS,
  );

  it(
    'stops without a process left, keeps the data, and the next start takes less than ten seconds',
    async () => {
      const all = everyProcess();
      const { code } = await house.run('down');
      expect({ code, left: all.filter(isAlive) }).toEqual({ code: 0, left: [] });
      expect((await house.status()).code).toBe(3);
      const from = performance.now();
      expect((await house.run('up', '--detach')).code).toBe(0);
      // Ten seconds on a machine that has nothing else to do; other tests may share its cores.
      expect(performance.now() - from).toBeLessThan(10_000 * Math.max(1, loadavg()[0]! / availableParallelism()));
      expect(await ask("SELECT FROM agents.comprobante_status WHERE serie = 'DEMO'")).toHaveLength(3);
      await house.run('down');
    },
    START_MS,
  );
});

describe('a house in the foreground', () => {
  beforeAll(() => house.run('down'), 60_000);

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'ends completely by %s',
    async (name) => {
      const up = await house.begin('up');
      const came = () => (up.output.tail().includes('Ctrl-C stops') ? 'up' : up.exit);
      expect(await until(came, { within: START_MS, what: 'the house to be up' })).toBe('up');
      const all = everyProcess();
      expect(all.map((ref) => refOf(ref.pid))).toEqual(all);
      expect(await up.stop(name, 60_000)).toEqual({ code: 0, signal: null });
      expect(all.filter(isAlive)).toEqual([]);
      expect(existsSync(join(house.path, 'state.json'))).toBe(false);
    },
    START_MS,
  );
});
