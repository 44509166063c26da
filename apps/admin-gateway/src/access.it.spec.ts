import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROLES, allows } from './auth/roles.ts';
import { createToken } from './auth/create-token.ts';
import type { RouteSpec } from './http/route-spec.ts';
import {
  gatewayUnderTest,
  nobody,
  problemIn,
  type CallOptions,
  type GatewayUnderTest,
} from './testing/gateway.conformance.ts';

let gateway: GatewayUnderTest;
let expired: string;
let revoked: string;

beforeAll(async () => {
  gateway = await gatewayUnderTest({ settings: { GATEWAY_WRONG_TOKENS_PER_MINUTE: '100000' } });
  const sql = { query: ({ text, values }: { text: string; values: unknown[] }) => gateway.sql(text, values) };
  expired = await createToken(sql, 'admin', { name: 'expired', days: 1 });
  await gateway.sql(`UPDATE gateway.token SET expires_at = agents.now() - interval '1 s' WHERE name = 'expired'`);
  revoked = await createToken(sql, 'admin', { name: 'revoked' });
  await gateway.sql(`UPDATE gateway.token SET revoked_at = agents.now() WHERE name = 'revoked'`);
});
afterAll(() => gateway.stop());

/** An address that the route takes; nothing stands behind it. */
function addressOf({ path }: RouteSpec): string {
  const samples: Record<string, string> = { ':kind': 'job', ':agent': 'nobody', ':name': 'nothing' };
  return path.replace(/:[a-z]+/g, (name) => samples[name] ?? nobody());
}

function call(route: RouteSpec, as: CallOptions['as']) {
  return gateway.call(route.method, addressOf(route), {
    as: as ?? null,
    ...(route.method === 'GET' ? {} : { body: {} }),
  });
}

describe('the access matrix over every route that is served', () => {
  it('has routes for everybody, viewers, operators and admins', () => {
    const kinds = new Set(gateway.routes.map(({ access }) => access));
    expect([...kinds].sort()).toEqual(['admin', 'operator', 'public', 'viewer']);
  });

  it('answers 401 on every route behind a token to no token, a wrong, an expired and a revoked one', async () => {
    const unknown = `nxa_${'A'.repeat(43)}`;
    for (const route of gateway.routes.filter(({ access }) => access !== 'public')) {
      const tokens = [null, ...['nonsense', unknown, expired, revoked].map((token) => ({ token }))];
      const found = await Promise.all(tokens.map(async (as) => (await call(route, as)).status));
      expect({ route: route.path, found }).toEqual({ route: route.path, found: [401, 401, 401, 401, 401] });
    }
  });

  it('answers 403 to every role below the one that the route needs and lets every other in', async () => {
    for (const route of gateway.routes) {
      for (const role of ROLES) {
        const { status } = await call(route, role);
        const { access } = route;
        const isAllowed = access === 'public' || allows(role, access);
        expect({ route: `${route.method} ${route.path}`, role, isRefused: status === 403 }).toEqual({
          route: `${route.method} ${route.path}`,
          role,
          isRefused: !isAllowed,
        });
        expect(status).not.toBe(401);
        expect(status).not.toBe(500);
      }
    }
  });

  it('lets everybody see public routes without a token', async () => {
    for (const route of gateway.routes.filter(({ access }) => access === 'public')) {
      expect((await call(route, null)).status).toBe(200);
    }
  });
});

describe('strangers', () => {
  it('are refused before a byte of their body is read', async () => {
    const answer = await gateway.call('POST', '/api/comprobantes', { as: null, body: '{ no JSON' });
    expect(answer.status).toBe(401);
  });

  it.each(['Basic YTpi', 'Bearer', 'Bearer a b', 'bearer  '])(
    'are refused with the header "%s"',
    async (authorization) => {
      const { status } = await gateway.call('GET', '/api/comprobantes', { as: null, headers: { authorization } });
      expect(status).toBe(401);
    },
  );
});

describe('tokens', () => {
  it('name the role that is missing', async () => {
    const answer = await gateway.call('POST', '/api/admin/agents/cfdi/pause', { as: 'viewer' });
    expect(problemIn(answer).detail).toContain('operator');
  });

  it('are stored as SHA-256 and nowhere as they are', async () => {
    const rows = await gateway.sql<{ hash: Buffer }>('SELECT hash FROM gateway.token');
    expect(rows.every(({ hash }) => hash.length === 32)).toBe(true);
    expect(JSON.stringify(gateway.lines)).not.toContain('nxa_');
  });

  it('note their use at most once a minute', async () => {
    await gateway.call('GET', '/api/comprobantes', { as: 'operator' });
    const [first] = await gateway.sql<{ xmin: string }>(
      `SELECT xmin::text FROM gateway.token WHERE name = 'test operator'`,
    );
    await gateway.call('GET', '/api/comprobantes', { as: 'operator' });
    const [second] = await gateway.sql<{ xmin: string; used: boolean }>(
      `SELECT xmin::text, last_used_at IS NOT NULL AS used FROM gateway.token WHERE name = 'test operator'`,
    );
    expect(second).toEqual({ xmin: first!.xmin, used: true });
  });
});
