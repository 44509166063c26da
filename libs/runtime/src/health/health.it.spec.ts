import { afterEach, describe, expect, it } from '@jest/globals';
import { HouseClock } from '../clock.ts';
import { collected } from '../telemetry/log.ts';
import { Telemetry } from '../telemetry/telemetry.ts';
import { Health, type HealthReport } from './health.ts';
import { serveHealth, type HealthServer } from './http.ts';
import type { Probe, ProbeResult } from './probe.ts';

class SteppedClock extends HouseClock {
  at = 0;
  override monotonic(): number {
    return this.at;
  }
}

const servers: HealthServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serving(...probes: Probe[]) {
  const lines: Record<string, unknown>[] = [];
  const clock = new SteppedClock();
  const telemetry = Telemetry.open({ agent: 'cfdi', sink: collected(lines) });
  const health = new Health(clock, telemetry);
  health.register(...probes);
  health.enter('ready');
  const server = await serveHealth(health, telemetry, '127.0.0.1', 0);
  servers.push(server);
  const ready = async () => {
    const response = await fetch(`${server.url}/health/ready`);
    return { status: response.status, body: (await response.json()) as HealthReport };
  };
  return { lines, clock, health, ready, url: server.url };
}

const probe = (name: string, result: ProbeResult, needed = true): Probe => ({
  name,
  needed,
  check: () => Promise.resolve(result),
});

describe('GET /health/ready', () => {
  it('has the shape of Terminus while all is well', async () => {
    const { ready } = await serving(probe('postgres', { status: 'up' }));
    expect(await ready()).toEqual({
      status: 200,
      body: {
        status: 'ok',
        info: { process: { status: 'up' }, postgres: { status: 'up' } },
        error: {},
        details: { process: { status: 'up' }, postgres: { status: 'up' } },
      },
    });
  });

  it('answers 503 and says which needed part is away, without secrets', async () => {
    const { ready } = await serving(
      probe('postgres', { status: 'down', detail: 'postgresql://u:hunter2@h/d refused' }),
    );
    const { status, body } = await ready();
    expect([status, body.status]).toEqual([503, 'error']);
    expect(body.error).toEqual({ postgres: { status: 'down', detail: 'postgresql://[redacted]@h/d refused' } });
  });

  it('stays ready while only the bell is away, and shows it', async () => {
    const { ready } = await serving(probe('redis', { status: 'down' }, false));
    expect(await ready()).toMatchObject({ status: 200, body: { status: 'ok', error: { redis: { status: 'down' } } } });
  });

  it('is not ready before the start has ended', async () => {
    const { ready, health } = await serving();
    health.enter('starting');
    expect(await ready()).toMatchObject({ status: 503, body: { error: { process: { detail: 'starting' } } } });
  });

  it('counts a probe that throws or never answers as down', async () => {
    const { ready } = await serving(
      { name: 'storage', check: () => Promise.reject(new Error('bucket of ana@example.mx')) },
      { name: 'postgres', check: () => new Promise(() => undefined) },
    );
    const { body } = await ready();
    expect(body.error).toEqual({
      storage: { status: 'down', detail: 'bucket of [redacted]' },
      postgres: { status: 'down', detail: 'no answer within 2000 ms' },
    });
  });

  it('asks a part once for all who ask within a second', async () => {
    let asked = 0;
    const { ready, clock } = await serving({
      name: 'postgres',
      check: () => Promise.resolve({ status: (asked += 1) > 0 ? 'up' : 'down' }),
    });
    await Promise.all([ready(), ready(), ready()]);
    expect(asked).toBe(1);
    clock.at = 1_001;
    await ready();
    expect(asked).toBe(2);
  });

  it('tells once when a part goes and once when it comes back', async () => {
    let status: ProbeResult['status'] = 'up';
    const { ready, clock, lines } = await serving({ name: 'postgres', check: () => Promise.resolve({ status }) });
    for (const next of ['up', 'down', 'down', 'up'] as const) {
      status = next;
      clock.at += 1_001;
      await ready();
    }
    expect(lines.map((line) => line['event'])).toEqual(['probe-up', 'probe-down', 'probe-up']);
  });
});

describe('the inner HTTP face', () => {
  it('is alive whatever is away', async () => {
    const { url } = await serving(probe('postgres', { status: 'down' }));
    const live = await fetch(`${url}/health/live`);
    expect([live.status, await live.json()]).toEqual([200, { status: 'ok', info: {}, error: {}, details: {} }]);
  });

  it('serves metrics as Prometheus wants them', async () => {
    const { url, ready } = await serving(probe('postgres', { status: 'up' }));
    await ready();
    const metrics = await fetch(`${url}/metrics`);
    expect(metrics.headers.get('content-type')).toContain('version=0.0.4');
    expect(await metrics.text()).toContain('nexora_probe_up{probe="postgres",agent="cfdi"} 1');
  });

  it('asks every part before it serves metrics, though nobody asked for health', async () => {
    const { url, lines } = await serving(
      probe('redis', { status: 'down' }),
      { name: 'storage', check: () => new Promise(() => undefined) }, // frozen
    );
    const began = performance.now();
    const text = await (await fetch(`${url}/metrics`)).text();
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(text).toContain('nexora_probe_up{probe="redis",agent="cfdi"} 0');
    expect(text).toContain('nexora_probe_up{probe="storage",agent="cfdi"} 0');
    expect(lines).toMatchObject([
      { event: 'probe-down', probe: 'redis' },
      { event: 'probe-down', probe: 'storage' },
    ]);
  });

  it.each([
    ['GET', '/secret', 404],
    ['POST', '/metrics', 405],
    ['HEAD', '/health/live', 200],
    ['GET', '/health/live?x=1', 200],
  ])('answers %s %s with %i', async (method, path, status) => {
    const { url } = await serving();
    expect((await fetch(`${url}${path}`, { method })).status).toBe(status);
  });
});
