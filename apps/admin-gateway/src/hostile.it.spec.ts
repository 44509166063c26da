import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ejemploDeIngreso } from '@nexora/comprobante';
import fc from 'fast-check';
import { gatewayUnderTest, nobody, type GatewayUnderTest } from './testing/gateway.conformance.ts';

let gateway: GatewayUnderTest;

beforeAll(async () => {
  gateway = await gatewayUnderTest();
});
afterAll(() => gateway.stop());

const RUNS = { numRuns: 100 };
const ROUTES: readonly [string, string][] = [
  ['POST', '/api/comprobantes'],
  ['POST', '/api/admin/agents/jobs/retry'],
  ['POST', '/api/admin/agents/sync/pause'],
  ['POST', '/api/admin/license/install'],
];

/** What a hostile or broken program may send: any JSON, with the letters that bite databases and parsers. */
const anyJson = fc.jsonValue({ maxDepth: 4 });
const BITING = [
  '\u0000',
  '\ud800',
  '|',
  '__proto__',
  '1e999',
  "'; DROP TABLE x; --",
  '𝕏',
  '',
  ' ',
  '\u2028',
  '-0',
  '٣',
];
const biting = fc.constantFrom(...BITING);

/** A right document with one value somewhere replaced by anything. */
const spoilt = fc
  .tuple(fc.constantFrom(...pathsOf(ejemploDeIngreso())), fc.oneof(anyJson, biting))
  .map(([path, value]) => replaced(ejemploDeIngreso(), path, value));

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, item]) =>
    pathsOf(item, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return path.length === 0 ? inner : [path, ...inner];
}

function replaced(value: unknown, [step, ...rest]: Path, by: unknown): unknown {
  if (step === undefined) return by;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (index === step ? replaced(item, rest, by) : item));
  return Object.fromEntries(
    Object.entries(value as object).map(([key, item]) => [key, key === step ? replaced(item, rest, by) : item]),
  );
}

// A 500, and any answer that the route's declaration does not foresee, fails inside gateway.call.
describe('whatever is sent, the gateway answers as it declares and never 500', () => {
  it.each(ROUTES)('any JSON value to %s %s', async (method, path) => {
    await fc.assert(
      fc.asyncProperty(anyJson, async (body) => {
        const { status } = await gateway.call(method, path, { body: JSON.stringify(body) });
        expect(status).toBeLessThan(500);
      }),
      RUNS,
    );
  });

  it('any bytes as a body', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const { status } = await gateway.call('POST', '/api/comprobantes', { body: Buffer.from(bytes) });
        expect(status).toBe(400);
      }),
      RUNS,
    );
  });

  it('a right comprobante with any one value spoilt', async () => {
    await fc.assert(
      fc.asyncProperty(spoilt, async (document) => {
        const { status } = await gateway.call('POST', '/api/comprobantes', { body: JSON.stringify(document) });
        expect([200, 202, 400, 409, 413, 422]).toContain(status);
      }),
      { numRuns: 200 },
    );
  });

  it('any text in any parameter of a path or a query', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 }).map((raw) => encodeURIComponent(raw.toWellFormed()));
    await fc.assert(
      fc.asyncProperty(text, (inText) => everywhere(inText)),
      { numRuns: 2 },
    );
  });

  it.each(BITING.filter((text) => text.isWellFormed()))('the text %j in any parameter of a path or a query', (text) =>
    everywhere(encodeURIComponent(text)),
  );
});

/** Puts a text into each parameter of each readable route, one at a time and all at once. */
async function everywhere(text: string): Promise<void> {
  const names = ['limit', 'cursor', 'state', 'agent', 'kind', 'q', 'externalId', 'estado', 'format'];
  const queries = [...names.map((name) => `${name}=${text}`), names.map((name) => `${name}=${text}`).join('&')];
  for (const route of gateway.routes.filter(({ method }) => method === 'GET')) {
    const path = route.path.replace(/:[a-z]+/g, text === '' ? nobody() : text);
    const addresses = [path, ...queries.map((query) => `${path}?${query}`)];
    const answers = await Promise.all(addresses.map((address) => gateway.call('GET', address)));
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
  }
}
