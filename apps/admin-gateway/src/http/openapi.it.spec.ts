import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { gatewayUnderTest, type GatewayUnderTest } from '../testing/gateway.conformance.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly security: unknown[];
  readonly 'x-role'?: string;
  readonly parameters: { name: string; in: string; required: boolean; schema: object }[];
  readonly requestBody?: { content: Record<string, { schema: Record<string, unknown> }> };
  readonly responses: Record<
    string,
    { description: string; content: Record<string, { schema: Record<string, unknown> }> }
  >;
}
interface Described {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: Record<string, object> };
}

let gateway: GatewayUnderTest;
let described: Described;
let operations: [string, string, Operation][];

beforeAll(async () => {
  gateway = await gatewayUnderTest();
  described = (await gateway.call('GET', '/api/openapi.json', { as: null })).body as Described;
  operations = Object.entries(described.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, string, Operation] => [path, method, operation]),
  );
});
afterAll(() => gateway.stop());

// That answers are as described is checked on every call of every test of the gateway (testing/gateway.conformance.ts).
describe('the description of the API', () => {
  it('is OpenAPI 3.1 and has every route that is served, and no other', () => {
    expect(described.openapi).toBe('3.1.0');
    const served = gateway.routes.map(
      ({ method, path }) => `${method.toLowerCase()} ${path.replace(/:(\w+)/g, '{$1}')}`,
    );
    expect(operations.map(([path, method]) => `${method} ${path}`).sort()).toEqual(served.sort());
  });

  it('names each operation once and says what it does', () => {
    const ids = operations.map(([, , { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z0-9]+$/);
    for (const [, , { summary }] of operations) expect(summary).not.toBe('');
  });

  it('declares every parameter of every path, and no other in a path', () => {
    for (const [path, , { parameters }] of operations) {
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      expect(inPath).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    }
  });

  it('asks for a token wherever one is needed and says for which role', () => {
    for (const [path, method, operation] of operations) {
      const route = gateway.routes.find(
        (one) => one.method.toLowerCase() === method && one.path.replace(/:(\w+)/g, '{$1}') === path,
      );
      expect(operation.security).toEqual(route?.access === 'public' ? [] : [{ token: [] }]);
      expect(operation['x-role']).toBe(route?.access === 'public' ? undefined : route?.access);
    }
  });

  it('describes every error as a problem and every good answer by a schema', () => {
    for (const [, , { responses }] of operations) {
      for (const [status, { content, description }] of Object.entries(responses)) {
        expect(description).not.toBe('');
        const [[type, { schema }]] = Object.entries(content) as [[string, { schema: object }]];
        expect(Object.keys(schema)).not.toHaveLength(0);
        if (type === 'application/problem+json') expect(Number(status)).toBeGreaterThanOrEqual(400);
      }
    }
  });

  it('takes unknown fields of a body for an error, as the gateway does', () => {
    const { requestBody } = described.paths['/api/comprobantes']!['post']!;
    expect(requestBody?.content['application/json']?.schema).toMatchObject({
      type: 'object',
      additionalProperties: false,
    });
  });

  // What a generated client knows is the description alone, so it is read back from there.
  it('says of a licence that is handed in what the gateway takes, and of every answer about it what it is', async () => {
    const described_ = (path: string, method: string) => described.paths[path]![method]!;
    const answerOf = (path: string, method: string, status: string) =>
      z.fromJSONSchema(described_(path, method).responses[status]!.content['application/json']!.schema);
    const install = described_('/api/admin/license/install', 'post');
    const takes = z.fromJSONSchema(install.requestBody!.content['application/json']!.schema);
    const file = { payload: 'e30=', signature: Buffer.alloc(64).toString('base64'), kid: '0123456789abcdef' };
    for (const body of [file, { envelope: file }, { envelope: JSON.stringify(file) }]) {
      expect(takes.safeParse(body).success).toBe(true);
      const answer = await gateway.call('POST', '/api/admin/license/install', { body });
      const said = answerOf('/api/admin/license/install', 'post', '202').safeParse(answer.body);
      expect([answer.status, said.success]).toEqual([202, true]);
    }
    expect(takes.safeParse({ ...file, more: 1 }).success).toBe(false);
    for (const path of ['/api/admin/license', '/api/admin/connectivity', '/api/admin/agents/health']) {
      const { status, body } = await gateway.call('GET', path);
      expect([path, status, answerOf(path, 'get', '200').safeParse(body).error]).toEqual([path, 200, undefined]);
    }
    const { content } = described_('/api/admin/license/request', 'get').responses['200']!;
    expect(Object.keys(content)).toEqual(['application/json', 'image/svg+xml', 'image/png']);
  });

  it('offers Idempotency-Key on whatever creates work', () => {
    for (const route of gateway.routes.filter(({ createsWork }) => createsWork)) {
      const path = route.path.replace(/:(\w+)/g, '{$1}');
      const { parameters } = described.paths[path]![route.method.toLowerCase()]!;
      expect(parameters.some(({ name, in: place }) => name === 'Idempotency-Key' && place === 'header')).toBe(true);
    }
  });

  it('is drawn as a page that names every route, runs no script and loads nothing', async () => {
    const { bytes, headers } = await gateway.call('GET', '/api/docs', { as: null });
    const page = bytes.toString();
    for (const [path, , { summary }] of operations)
      expect([page.includes(path), page.includes(summary)]).toEqual([true, true]);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(page).not.toMatch(/<script|src=|https?:\/\//);
  });

  it('has a target for every reference', () => {
    const references = [...JSON.stringify(described).matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target);
    expect(new Set(references)).toEqual(new Set(['#/components/schemas/Problem']));
    expect(described.components.schemas['Problem']).toBeDefined();
  });
});
