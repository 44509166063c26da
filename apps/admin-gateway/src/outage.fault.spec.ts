import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ejemploDeIngreso } from '@nexora/comprobante';
import { AGENT_ROLE, loginOf, migrate, provisionRoles } from '@nexora/database';
import { allMigrations, privatePostgres, TcpProxy, until } from '@nexora/testing';
import {
  gatewayUnderTest,
  problemIn,
  type Answer,
  type DatabaseUnderTest,
  type GatewayUnderTest,
} from './testing/gateway.conformance.ts';

let gateway: GatewayUnderTest;
let line: TcpProxy;
const DEADLINE_SECONDS = 1;

beforeAll(async () => {
  gateway = await gatewayUnderTest({
    settings: { GATEWAY_DEADLINE_SECONDS: String(DEADLINE_SECONDS), REDIS_URL: 'redis://127.0.0.1:1' },
    databaseUrl: async (url) => {
      line = await TcpProxy.to(url);
      return line.through(url);
    },
  });
});
afterAll(async () => {
  await line.restore();
  await gateway.stop();
  await line.end();
});

/** Two statements wait at most their deadline each before the answer must be there. */
const PATIENCE_MS = (2 * DEADLINE_SECONDS + 1) * 1_000;

async function timed(call: Promise<Answer>): Promise<Answer> {
  const began = performance.now();
  const answer = await call;
  expect(performance.now() - began).toBeLessThan(PATIENCE_MS);
  return answer;
}

let sales = 0;
const sale = () => {
  sales += 1;
  return ejemploDeIngreso({ externalId: `corte-${sales}`, folio: `C${sales}` });
};
const read = () => gateway.call('GET', '/api/comprobantes?limit=1');
const isBack = () => until(async () => (await read()).status === 200, { within: 10_000, what: 'Postgres to be back' });

describe('while Postgres is away', () => {
  it('requests are answered with 503 and Retry-After within the deadline, and all recovers alone', async () => {
    await line.cut();
    for (const call of [read(), gateway.call('POST', '/api/comprobantes', { body: sale() })]) {
      const answer = await timed(call);
      expect([answer.status, problemIn(answer).type]).toEqual([503, 'urn:nexora:problem:http.unavailable']);
    }
    await line.restore();
    await isBack();
    expect((await gateway.call('POST', '/api/comprobantes', { body: sale() })).status).toBe(202);
  });

  it('a Postgres that takes connections and says nothing hangs no request either', async () => {
    await read();
    line.halfOpen();
    const answers = await Promise.all(Array.from({ length: 12 }, () => timed(read())));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    await line.restore();
    await isBack();
  });

  it('health says that postgres is down with 503, and live stays up', async () => {
    await line.cut();
    await until(async () => (await gateway.call('GET', '/api/health', { as: null })).status === 503, {
      within: 5_000,
      what: 'health to notice',
    });
    const health = await gateway.call('GET', '/api/health/ready', { as: null });
    expect(health.body).toMatchObject({ status: 'error', error: { postgres: { status: 'down' } } });
    expect((await gateway.call('GET', '/api/health/live', { as: null })).status).toBe(200);
    await line.restore();
    await until(async () => (await gateway.call('GET', '/api/health', { as: null })).status === 200, {
      within: 5_000,
      what: 'health to recover',
    });
  });

  it('what is wrong with a request is still told without it', async () => {
    await line.cut();
    expect((await gateway.call('GET', '/api/nothing')).status).toBe(404);
    expect((await gateway.call('GET', '/api/comprobantes', { as: null })).status).toBe(401);
    await line.restore();
    await isBack();
  });
});

describe('when Postgres ends connections that are in use', () => {
  it('a request in the middle of it is answered, and the next ones work', async () => {
    for (let n = 0; n < 5; n += 1) {
      const calls = [gateway.call('POST', '/api/comprobantes', { body: sale() }), read()];
      await gateway.sql(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'nexora_gateway' AND datname = current_database()`,
      );
      for (const { status } of await Promise.all(calls)) expect([200, 202, 503]).toContain(status);
    }
    await isBack();
  });

  it('a comprobante handed over in doubt can be handed over again without making two', async () => {
    const document = sale();
    const first = gateway.call('POST', '/api/comprobantes', { body: document });
    await line.cut();
    await first;
    await line.restore();
    await isBack();
    const again = await gateway.call('POST', '/api/comprobantes', { body: document });
    expect([200, 202]).toContain(again.status);
    const rows = await gateway.sql('SELECT id FROM cfdi.comprobante WHERE external_id = $1', [document.externalId]);
    expect(rows).toHaveLength(1);
  });
});

describe('while Redis is away', () => {
  it('no request fails for it', async () => {
    const answer = await timed(gateway.call('POST', '/api/comprobantes', { body: sale() }));
    expect(answer.status).toBe(202);
  });
});

describe('a gateway that starts before Postgres', () => {
  it('listens, answers 503, and serves as soon as Postgres is there', async () => {
    const lines: Record<string, unknown>[] = [];
    let late: TcpProxy | undefined;
    const starting = gatewayUnderTest({
      lines,
      databaseUrl: async (url) => {
        late = await TcpProxy.to(url);
        await late.cut();
        return late.through(url);
      },
    });
    const told = (event: string) => lines.find((line) => line['event'] === event);
    await until(() => told('api-listening') !== undefined && told('postgres-away') !== undefined, {
      within: 10_000,
      what: 'the gateway to listen without Postgres',
    });
    expect((await fetch(`${String(told('api-listening')?.['url'])}/api/health`)).status).toBe(503);
    await late?.restore();
    const second = await starting;
    expect((await second.call('GET', '/api/comprobantes')).status).toBe(200);
    await second.stop();
    await late?.end();
  });
});

describe('when Postgres is restarted', () => {
  it.each(['fast', 'immediate'] as const)(
    'in the mode %s, requests are answered all the time and work goes on',
    async (mode) => {
      const { server, end } = await privatePostgres('fast');
      const own = await gatewayUnderTest({ database: await migrated(server.url, end) });
      try {
        expect((await own.call('POST', '/api/comprobantes', { body: sale() })).status).toBe(202);
        const restarting = server.restart({ mode });
        const during = await timed(own.call('GET', '/api/comprobantes'));
        expect([200, 503]).toContain(during.status);
        await restarting;
        await until(async () => (await own.call('GET', '/api/comprobantes')).status === 200, {
          within: 10_000,
          what: 'the gateway to find Postgres again',
        });
        expect((await own.call('POST', '/api/comprobantes', { body: sale() })).status).toBe(202);
      } finally {
        await own.stop();
      }
    },
  );
});

/** The house's schema on a server of its own; `drop` ends the server. */
async function migrated(url: string, drop: () => Promise<void>): Promise<DatabaseUnderTest> {
  const apps = ['gateway', 'cfdi', 'license', 'sync'];
  const password = 'only for this test';
  await provisionRoles(
    url,
    apps.map((app) => ({ role: loginOf(app), password, groups: [AGENT_ROLE] })),
  );
  await migrate(url, await allMigrations());
  const urlFor = (app: string): string => {
    const own = new URL(url);
    own.username = loginOf(app.replace('admin-', ''));
    own.password = encodeURIComponent(password);
    return own.href;
  };
  return { url, urlFor, drop };
}
