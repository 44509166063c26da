import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ejemploDeIngreso } from '@nexora/comprobante';
import { connect } from 'node:net';
import {
  gatewayUnderTest,
  nobody,
  problemIn,
  type CallOptions,
  type GatewayUnderTest,
} from './testing/gateway.conformance.ts';

let gateway: GatewayUnderTest;

beforeAll(async () => {
  gateway = await gatewayUnderTest({ settings: { GATEWAY_WRONG_TOKENS_PER_MINUTE: '5' } });
});
afterAll(() => gateway.stop());

const submit = (body: unknown, headers: Record<string, string> = {}) =>
  ['POST', '/api/comprobantes', { body, headers }] as const;
const document = ejemploDeIngreso();
const [concepto] = document.conceptos!;

/** Status, code, path of the first fault, and the request that must be refused so. */
const REFUSED: readonly (readonly [string, number, string, string | null, readonly [string, string, CallOptions?]])[] =
  [
    ['a body that is no JSON', 400, 'http.malformed', null, submit('{"emisor": ')],
    ['a body that is no UTF-8', 400, 'http.malformed', null, submit(Buffer.from([0x7b, 0xff, 0x7d]))],
    ['an empty body', 400, 'http.malformed', null, submit('')],
    ['a list instead of an object', 400, 'http.malformed', '', submit([])],
    ['null instead of an object', 400, 'http.malformed', '', submit('null')],
    ['an unknown field', 400, 'http.malformed', 'nota', submit({ ...document, nota: 'x' })],
    [
      'an unknown field inside',
      400,
      'http.malformed',
      'receptor.apodo',
      submit({ ...document, receptor: { ...document.receptor, apodo: 'x' } }),
    ],
    [
      'a key __proto__',
      400,
      'http.malformed',
      '',
      submit(`{"__proto__": {"x": 1}, ${JSON.stringify(document).slice(1)}`),
    ],
    [
      'a number where a decimal string is due',
      400,
      'http.malformed',
      'conceptos[0].cantidad',
      submit({ ...document, conceptos: [{ ...concepto, cantidad: 3 }] }),
    ],
    ['a missing field', 400, 'http.malformed', 'receptor', submit({ ...document, receptor: undefined })],
    ['nesting without end', 400, 'http.malformed', null, submit('['.repeat(50_000) + ']'.repeat(50_000))],
    [
      'a wrong RFC',
      422,
      'cfdi.invalid',
      'receptor.rfc',
      submit({ ...document, receptor: { ...document.receptor, rfc: 'XXXX' } }),
    ],
    [
      'a | in a text',
      422,
      'cfdi.invalid',
      'conceptos[0].descripcion',
      submit({ ...document, conceptos: [{ ...concepto, descripcion: 'Café | pan' }] }),
    ],
    ['a key outside its catalogue', 422, 'cfdi.invalid', 'formaPago', submit({ ...document, formaPago: '77' })],
    ['a total that does not agree', 422, 'cfdi.invalid', 'total', submit({ ...document, total: '1.00' })],
    [
      'U+0000 in a text',
      422,
      'http.unprocessable',
      'conceptos[0].descripcion',
      submit({ ...document, conceptos: [{ ...concepto, descripcion: 'Ca\u0000fé' }] }),
    ],
    [
      'half a surrogate pair in a text',
      422,
      'http.unprocessable',
      'receptor.nombre',
      submit(
        JSON.stringify({ ...document, receptor: { ...document.receptor, nombre: 'XXNOMBRE' } }).replace(
          'XXNOMBRE',
          '\\ud800',
        ),
      ),
    ],
    ['a payload over 256 kB', 413, 'http.too-large', null, submit({ ...document, addenda: 'x'.repeat(262_144) })],
    ['a body over a megabyte', 413, 'http.too-large', null, submit(`"${'x'.repeat(1_100_000)}"`)],
    [
      'a form',
      415,
      'http.unsupported-type',
      null,
      submit('a=b', { 'content-type': 'application/x-www-form-urlencoded' }),
    ],
    ['text', 415, 'http.unsupported-type', null, submit('{}', { 'content-type': 'text/plain' })],
    ['no content type', 415, 'http.unsupported-type', null, submit('{}', { 'content-type': '' })],
    [
      'an Idempotency-Key with spaces',
      422,
      'http.unprocessable',
      'Idempotency-Key',
      submit(document, { 'idempotency-key': 'a b' }),
    ],
    [
      'an Idempotency-Key that is too long',
      422,
      'http.unprocessable',
      'Idempotency-Key',
      submit(document, { 'idempotency-key': 'x'.repeat(256) }),
    ],
    ['an id that is no UUID', 400, 'http.malformed', 'id', ['GET', '/api/comprobantes/1042']],
    ['an unknown query parameter', 400, 'http.malformed', 'page', ['GET', '/api/comprobantes?page=2']],
    [
      'a query parameter on a route that takes none',
      400,
      'http.malformed',
      'x',
      ['GET', '/api/admin/agents/queues?x=1'],
    ],
    ['a limit that is no number', 400, 'http.malformed', 'limit', ['GET', '/api/comprobantes?limit=x']],
    ['a limit over 200', 422, 'http.unprocessable', 'limit', ['GET', '/api/comprobantes?limit=201']],
    ['a cursor that is none', 400, 'http.malformed', 'cursor', ['GET', '/api/comprobantes?cursor=x']],
    [
      'a parameter given twice',
      400,
      'http.malformed',
      'estado',
      ['GET', '/api/comprobantes?estado=listo&estado=listo'],
    ],
    ['an unknown state', 422, 'http.unprocessable', 'state', ['GET', '/api/admin/agents/jobs?state=asleep']],
    [
      'a body on a route that takes none',
      400,
      'http.malformed',
      null,
      ['POST', '/api/admin/agents/cfdi/pause', { body: { x: 1 } }],
    ],
    [
      'a retry of an unknown kind',
      404,
      'http.not-found',
      'kind',
      ['POST', `/api/admin/agents/retry/invoice/${nobody()}`],
    ],
    ['a retry of a job without UUID', 400, 'http.malformed', 'id', ['POST', '/api/admin/agents/retry/job/7']],
    [
      'a retry by ids and filter at once',
      400,
      'http.malformed',
      null,
      ['POST', '/api/admin/agents/jobs/retry', { body: { ids: [nobody()], filter: {} } }],
    ],
    [
      'a retry of no ids',
      422,
      'http.unprocessable',
      null,
      ['POST', '/api/admin/agents/jobs/retry', { body: { ids: [] } }],
    ],
    ['an unknown address', 404, 'http.not-found', null, ['GET', '/api/nothing']],
    [
      'an unknown address with a body that is no JSON',
      404,
      'http.not-found',
      null,
      ['POST', '/nothing', { body: '{' }],
    ],
    ['a method that the address does not take', 405, 'http.method-not-allowed', null, ['DELETE', '/api/comprobantes']],
    ['an address that cannot be decoded', 400, 'http.malformed', null, ['GET', '/api/comprobantes/%E0%A4%A']],
    [
      'a part of the address that is too long',
      414,
      'http.uri-too-long',
      null,
      ['GET', `/api/comprobantes/${'x'.repeat(500)}`],
    ],
    [
      'a host name of somebody else',
      421,
      'http.misdirected',
      null,
      ['GET', '/api/health', { headers: { host: 'evil.example' } }],
    ],
    [
      'an origin of somebody else',
      421,
      'http.misdirected',
      null,
      ['GET', '/api/health', { headers: { origin: 'http://evil.example' } }],
    ],
    ['the origin null', 421, 'http.misdirected', null, ['GET', '/api/health', { headers: { origin: 'null' } }]],
  ];

describe('whatever is wrong with a request is answered as problem+json and stores nothing', () => {
  it.each(REFUSED)('answers %s with %i %s', async (_what, status, code, path, [method, address, options]) => {
    const before = await gateway.storedRows();
    const answer = await gateway.call(method, address, options);
    const problem = problemIn(answer);
    expect(answer.status).toBe(status);
    expect(problem.type).toBe(`urn:nexora:problem:${code}`);
    if (path !== null) expect(problem.errors?.map((fault) => fault.path)).toContain(path);
    expect(await gateway.storedRows()).toEqual(before);
  });

  it('names the methods that an address takes', async () => {
    const { headers } = await gateway.call('DELETE', '/api/comprobantes');
    expect(headers.allow).toBe('GET, HEAD, POST');
  });

  it('lists the known kinds where a retry names an unknown one', async () => {
    const answer = await gateway.call('POST', `/api/admin/agents/retry/invoice/${nobody()}`);
    const [fault] = problemIn(answer).errors ?? [];
    for (const kind of ['cfdi', 'media', 'notif', 'job']) expect(fault?.message).toContain(kind);
  });

  it('says in Spanish what is wrong with a comprobante and how to mend it', async () => {
    const [, , options] = submit({ ...document, receptor: { ...document.receptor, rfc: 'XXXX' } });
    const [fault] = problemIn(await gateway.call('POST', '/api/comprobantes', options)).errors ?? [];
    expect(fault?.message).toMatch(/RFC|forma/i);
    expect(fault?.remedy).toMatch(/\w+/);
    expect(fault?.code).toMatch(/^cfdi\./);
    expect(JSON.stringify(fault)).not.toContain('XXXX');
  });

  it('answers bytes that are no HTTP with 400 and closes', async () => {
    const { hostname, port } = new URL(gateway.url);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => socket.write('HELLO\r\n\r\n'));
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toContain('HTTP/1.1 400');
    expect(answer).toContain('application/problem+json');
  });

  it('answers headers that are too large with 431', async () => {
    const answer = await gateway.call('GET', '/api/health', { headers: { 'x-large': 'x'.repeat(20_000) } });
    expect([answer.status, problemIn(answer).type]).toEqual([431, 'urn:nexora:problem:http.headers-too-large']);
  });

  it('answers 429 with Retry-After after too many wrong tokens from one address, and still takes right ones', async () => {
    const wrong = { as: { token: `nxa_${'B'.repeat(43)}` } };
    const statuses = [];
    for (let n = 0; n < 6; n += 1) statuses.push((await gateway.call('GET', '/api/comprobantes', wrong)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    expect((await gateway.call('GET', '/api/comprobantes')).status).toBe(200);
  });

  it('never shows the inside of the house in an answer', async () => {
    const answer = await gateway.call('POST', '/api/comprobantes', { body: '{' });
    expect(answer.headers['x-powered-by']).toBeUndefined();
    expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.ts:|at /);
  });
});

describe('networks', () => {
  it('keeps who is outside ADMIN_ALLOWED_CIDRS out of everything', async () => {
    const elsewhere = await gatewayUnderTest({ settings: { ADMIN_ALLOWED_CIDRS: '192.0.2.0/24' } });
    try {
      const answers = await Promise.all(
        ['/api/health', '/api/comprobantes', '/'].map((path) => elsewhere.call('GET', path)),
      );
      expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
      expect(problemIn(answers[0]!).detail).toContain('ADMIN_ALLOWED_CIDRS');
    } finally {
      await elsewhere.stop();
    }
  });
});
