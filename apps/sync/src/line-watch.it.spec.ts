import os from 'node:os';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Database } from '@nexora/database';
import { Ledger } from '@nexora/outbox';
import { collected, houseSettings, loadSettings, Telemetry } from '@nexora/runtime';
import { freshDatabase, TcpProxy, until } from '@nexora/testing';
import { QuickClock } from './drain/quick-clock.conformance.ts';
import type { Beat, Heartbeat } from './heartbeat/heartbeat.ts';
import { LineWatch } from './line-watch.ts';
import { LineReporter } from './store/line-reporter.ts';
import { syncSettings } from './sync.settings.ts';

/** An outside whose line the test holds in its hand. */
class Outside implements Heartbeat {
  up = true;
  asked = 0;
  beat(): Promise<Beat> {
    this.asked += 1;
    return Promise.resolve(
      this.up ? { answered: true, latencyMs: 12 } : { answered: false, phase: 'unreachable', error: new Error('cut') },
    );
  }
}

interface Row {
  state: string;
  latency_ms: number | null;
  last_error: string | null;
  since: Date;
  checked_at: Date;
}

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function house() {
  const fresh = await freshDatabase();
  endings.push(() => fresh.drop());
  const proxy = await TcpProxy.to(fresh.urlFor('sync'));
  endings.push(() => proxy.end());
  const url = proxy.through(fresh.urlFor('sync'));
  const database = await Database.open({ url, onConnectionError: () => undefined });
  endings.push(() => database.close(1_000));
  const row = async () => (await database.query<Row>({ text: 'SELECT * FROM agents.connectivity_state' }))[0]!;
  const state = async (wanted: string) =>
    until(async () => (await row()).state === wanted, { what: `the line to be ${wanted}` });
  return { database, url, row, state, proxy };
}

async function watching(
  database: Database,
  url: string,
  outside: Heartbeat | undefined,
  env: Record<string, string> = {},
) {
  const lines: Record<string, unknown>[] = [];
  const telemetry = Telemetry.open({ agent: 'sync', level: 'debug', sink: collected(lines) });
  const clock = new QuickClock(50);
  const settings = loadSettings(
    { ...houseSettings, ...syncSettings },
    { DATABASE_URL: url, REDIS_URL: 'redis://127.0.0.1', ...env },
  );
  const reporter = new LineReporter(new Ledger(database), database, telemetry, clock);
  const watch = new LineWatch(database, reporter, telemetry, outside, clock, settings);
  await watch.onApplicationBootstrap();
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    await Promise.all([watch.beforeApplicationShutdown(), reporter.beforeApplicationShutdown()]);
  };
  endings.push(stop);
  return { watch, lines, stop };
}

const changes = (lines: Record<string, unknown>[]) =>
  lines.filter(({ event }) => event === 'connectivity-changed').map(({ from, to }) => `${String(from)}→${String(to)}`);

describe('the watch over the line', () => {
  it('tells the ledger at once that the line is there', async () => {
    const { database, url, row, state } = await house();
    const { lines } = await watching(database, url, new Outside());
    await state('online');
    expect(await row()).toMatchObject({ latency_ms: 12 });
    expect(changes(lines)).toEqual(['unknown→online']);
  });

  it('tells of a cut and of the return, each once, with the reason', async () => {
    const { database, url, row, state } = await house();
    const outside = new Outside();
    const { lines, watch } = await watching(database, url, outside);
    await state('online');
    outside.up = false;
    watch.check();
    await state('offline');
    expect(await row()).toMatchObject({ last_error: 'cut' });
    outside.up = true;
    await state('online');
    expect(changes(lines)).toEqual(['unknown→online', 'online→offline', 'offline→online']);
  });

  it('announces a change to every agent that listens', async () => {
    const { database, url, state } = await house();
    const heard: string[] = [];
    const listener = await database.listen(['agents_control'], {
      onNotify: (_channel, payload) => heard.push(payload),
    });
    endings.push(() => listener.close());
    const outside = new Outside();
    outside.up = false;
    await watching(database, url, outside);
    await state('offline');
    await until(() => heard.includes('connectivity'), { what: 'the announcement' });
  });

  it('asks at once when another agent hints, but not for every hint of a swarm', async () => {
    const { database, url, state } = await house();
    const outside = new Outside();
    await watching(database, url, outside, { AGENTS_HEARTBEAT_SECONDS: '240' });
    await state('online');
    const before = outside.asked;
    for (let hint = 0; hint < 30; hint += 1) await new Ledger(database).hint('pac.example');
    await until(() => outside.asked > before, { within: 2_000, what: 'the heartbeat after the hint' });
    expect(outside.asked - before).toBeLessThan(30);
  });

  it('asks at once when an interface of the machine changes', async () => {
    const { database, url, state } = await house();
    const outside = new Outside();
    const interfaces = jest.spyOn(os, 'networkInterfaces');
    endings.push(() => Promise.resolve(interfaces.mockRestore()));
    const { lines } = await watching(database, url, outside, { AGENTS_HEARTBEAT_SECONDS: '240' });
    await state('online');
    const before = outside.asked;
    const wifi = {
      address: '10.1.2.3',
      netmask: '255.255.255.0',
      family: 'IPv4',
      mac: '',
      cidr: '10.1.2.3/24',
    } as const;
    interfaces.mockReturnValue({ wlan0: [{ ...wifi, internal: false }] });
    await until(() => outside.asked > before, { within: 2_000, what: 'the heartbeat after the change' });
    expect(lines.map(({ event }) => event)).toContain('network-changed');
  });

  it('repeats its verdict, so that claims do not think it gone', async () => {
    const { database, url, row, state } = await house();
    await watching(database, url, new Outside(), { AGENTS_HEARTBEAT_SECONDS: '240' });
    await state('online');
    const { checked_at: first, since } = await row();
    await until(async () => (await row()).checked_at > first, { what: 'the verdict to be repeated' });
    expect((await row()).since).toEqual(since);
  });

  it('carries on from the stored verdict when the process is started again', async () => {
    const { database, url, row, state } = await house();
    const outside = new Outside();
    outside.up = false;
    const first = await watching(database, url, outside);
    await state('offline');
    await first.stop();
    const { since } = await row();
    const second = await watching(database, url, outside);
    await until(() => outside.asked > 5, { what: 'further heartbeats' });
    expect(await row()).toMatchObject({ state: 'offline', since });
    expect(changes(second.lines)).toEqual([]);
  });

  it('writes the newest verdict once Postgres is back', async () => {
    const { database, url, row, state, proxy } = await house();
    const outside = new Outside();
    const { lines } = await watching(database, url, outside, { AGENTS_HEARTBEAT_SECONDS: '1' });
    await state('online');
    await proxy.cut();
    outside.up = false;
    await until(() => changes(lines).includes('online→offline'), { what: 'the verdict' });
    await until(() => lines.some(({ event }) => event === 'report-failed'), { what: 'the failure to be told' });
    await proxy.restore();
    await state('offline');
    expect((await row()).last_error).toBe('cut');
  });

  it('asks nobody while agents are switched off', async () => {
    const { database, url, row } = await house();
    const outside = new Outside();
    await watching(database, url, outside, { AGENTS_ENABLED: 'false' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([outside.asked, (await row()).state]).toEqual([0, 'unknown']);
  });

  it('says once that nobody judges the line where nothing outside is configured', async () => {
    const { database, url, row } = await house();
    const { lines } = await watching(database, url, undefined);
    expect(lines.map(({ event }) => event)).toEqual(['line-unwatched']);
    expect((await row()).state).toBe('unknown');
  });

  it('ends at once, also in the middle of a pause', async () => {
    const { database, url, state } = await house();
    const { stop } = await watching(database, url, new Outside(), { AGENTS_HEARTBEAT_SECONDS: '240' });
    await state('online');
    const begin = performance.now();
    await stop();
    expect(performance.now() - begin).toBeLessThan(1_000);
  });
});
