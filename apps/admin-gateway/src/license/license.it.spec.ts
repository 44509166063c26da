import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { licenseKinds } from '@nexora/contracts';
import { Database } from '@nexora/database';
import { seal } from '@nexora/licensing';
import { Ledger } from '@nexora/outbox';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import {
  gatewayUnderTest,
  problemIn,
  type CallOptions,
  type GatewayUnderTest,
} from '../testing/gateway.conformance.ts';
import { licenseAgent, type LicenseAgent } from './license.conformance.ts';

let gateway: GatewayUnderTest;
let agent: LicenseAgent;

beforeAll(async () => {
  gateway = await gatewayUnderTest();
  agent = await licenseAgent(gateway);
});
afterAll(async () => {
  await agent.close();
  await gateway.stop();
});

const LICENSE = '/api/admin/license';
const SYNC = '/api/admin/agents/sync-license';
const day = 86_400_000;
const held = {
  id: 'lic-1',
  customer: 'Escuela Kemper Urgate',
  rfc: 'EKU9003173C9',
  plan: 'tienda',
  entitlements: { features: ['cfdi'], quantities: { cajas: 3 } },
  binding: ['aa', 'bb', 'cc'],
  issuedAt: '2026-11-01T00:00:00Z',
  notBefore: '2026-11-01T00:00:00Z',
  validUntil: '2026-12-01T00:00:00Z',
  paidUntil: '2027-11-01T00:00:00Z',
  minCrl: 0,
  kid: '0123456789abcdef',
};
const envelope = seal('license', { id: 'lic-1' }, generateKeyPairSync('ed25519').privateKey);
const text = JSON.stringify(envelope);

const post = (path: string, options: CallOptions = {}) => gateway.call('POST', path, options);
const install = (body: unknown, options: CallOptions = {}) => post(`${LICENSE}/install`, { body, ...options });
const jobs = (kind: string) =>
  gateway.sql<{ id: string; payload: Record<string, unknown> }>(
    'SELECT id, payload FROM agents.job WHERE kind = $1 ORDER BY id',
    [kind],
  );
const audited = async (action: string) =>
  (
    await gateway.sql<{ detail: object }>('SELECT detail FROM gateway.audit WHERE action = $1 ORDER BY id', [action])
  ).map(({ detail }) => detail);

describe('before the license agent was started for the first time', () => {
  it('is answered 503 with Retry-After, and nothing is stored', async () => {
    await gateway.sql(`DELETE FROM agents.kind WHERE agent = 'license'`);
    const before = await gateway.storedRows();
    expect((await post(SYNC)).status).toBe(503);
    expect((await install(envelope)).status).toBe(503);
    expect(await gateway.storedRows()).toEqual(before);
    const own = await Database.open({ url: gateway.database.urlFor('license'), poolSize: 1 });
    const kinds = Object.values(licenseKinds).map((kind) => ({ kind }));
    await new Ledger(own).declare({ agent: 'license', version: '0.0.0', kinds, schedules: [] });
    await own.close();
  });

  it('GET /api/admin/license tells that there is none', async () => {
    const { body } = await gateway.call('GET', LICENSE, { as: 'viewer' });
    expect(body).toMatchObject({ mode: 'invalid', reason: 'no license', id: null, lastCheck: null });
  });
});

describe('GET /api/admin/license', () => {
  it('answers to a viewer exactly what the agent recorded, every key of it', async () => {
    await agent.record({ ...held, mode: 'grace', reason: 'file expired', message: 'Venció.', graceDaysLeft: 7 });
    const { status, body } = await gateway.call('GET', LICENSE, { as: 'viewer' });
    expect([status, body]).toEqual([200, expect.objectContaining({ ...held, mode: 'grace', graceDaysLeft: 7 })]);
    const [row] = await gateway.sql<{ state: object }>('SELECT state FROM agents.license_state');
    expect(body).toEqual(row!.state);
    const keys = `id customer rfc plan entitlements binding issuedAt notBefore validUntil paidUntil minCrl mode reason message
      graceDaysLeft lastCheck lastSuccess nextCheck lastRefusal clock crl machine waits refusedKeys kid`;
    expect(Object.keys(body as object).sort()).toEqual(keys.split(/\s+/).sort());
  });
});

describe('POST /api/admin/agents/sync-license', () => {
  it('enqueues a licence sync now, and leaves who asked in the audit log', async () => {
    const { status, body } = await post(SYNC, { as: 'operator' });
    const [job] = await jobs('license.sync');
    expect([status, body]).toEqual([202, { jobId: job!.id }]);
    expect(await audited('license.sync')).toEqual([{ jobId: job!.id }]);
  });

  it('asked again while one waits, asks for the same one, due at once', async () => {
    await gateway.sql(`UPDATE agents.job SET run_at = agents.now() + interval '1 h' WHERE kind = 'license.sync'`);
    const [waiting] = await jobs('license.sync');
    expect((await post(SYNC)).body).toEqual({ jobId: waiting!.id });
    const [{ due }] = (await gateway.sql(
      `SELECT run_at <= agents.now() AS due FROM agents.job WHERE kind = 'license.sync'`,
    )) as [{ due: boolean }];
    expect([await jobs('license.sync'), due]).toEqual([[waiting], true]);
  });

  it('honours Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'sync-1' };
    const first = await post(SYNC, { headers });
    await gateway.sql(`DELETE FROM agents.job WHERE kind = 'license.sync'`);
    const again = await post(SYNC, { headers });
    expect([again.body, again.headers['idempotency-replayed']]).toEqual([first.body, 'true']);
    expect(await jobs('license.sync')).toEqual([]);
  });
});

describe('POST /api/admin/license/install', () => {
  const odd = `\n { "kid" : "${envelope.kid}",\r\n"signature":"${envelope.signature}", "payload": "${envelope.payload}" }\n`;

  it.each([
    ['the envelope itself', text, text],
    ['the file as it lies there, white space and all', odd, odd],
    ['a file with a byte order mark', `\ufeff${text}`, text],
    ['{envelope} as JSON, untouched', `{"envelope": ${odd} }`, odd.trim()],
    ['{envelope} as text', JSON.stringify({ envelope: odd }), odd],
  ])('takes %s', async (_what, body, kept) => {
    const { status, body: answer } = await install(body);
    expect(status).toBe(202);
    const job = (await jobs('license.install')).at(-1);
    expect([answer, job?.payload]).toEqual([{ jobId: job?.id }, { envelope: kept }]);
  });

  it('keeps the content out of the audit log, of the details of the job and of the log', async () => {
    const { jobId } = (await install(envelope)).body as { jobId: string };
    const entry = (await audited('license.install')).at(-1);
    expect(entry).toEqual({ jobId, bytes: text.length });
    const { body: story } = await gateway.call('GET', `/api/admin/agents/jobs/${jobId}`);
    expect(JSON.stringify([story, gateway.lines, entry])).not.toContain(envelope.payload);
  });

  it('once for one Idempotency-Key, however it is wrapped; another file under it is refused', async () => {
    const headers = { 'idempotency-key': 'install-1' };
    const before = (await jobs('license.install')).length;
    const first = await install(text, { headers });
    expect((await install({ envelope: text }, { headers })).body).toEqual(first.body);
    expect(await jobs('license.install')).toHaveLength(before + 1);
    expect((await install(odd, { headers })).status).toBe(409);
  });

  const twice = `{"payload":"${envelope.payload}","p\\u0061yload":"${envelope.payload}",${text.slice(1)}`;
  const wrong = (parts: object) => JSON.stringify({ ...envelope, ...parts });
  it.each<[string, number, string | Buffer]>([
    ['nothing', 400, ''],
    ['an empty object', 400, '{}'],
    ['an empty {envelope}', 400, '{"envelope": ""}'],
    ['no JSON', 400, 'hola'],
    ['HTML of a captive portal', 400, '<!doctype html><html></html>'],
    ['no UTF-8', 400, Buffer.from([0x7b, 0xff, 0x7d])],
    ['a picture', 400, Buffer.from('89504e470d0a1a0a', 'hex')],
    ['null', 400, 'null'],
    ['a list of envelopes', 400, `[${text}]`],
    ['a file that is cut off', 400, text.slice(0, -20)],
    ['a key that stands twice', 400, twice],
    ['a key that stands twice in {envelope}', 400, `{"envelope": ${twice}}`],
    ['two envelopes in one wrapper', 400, `{"envelope": ${text}, "envelope": ${text}}`],
    ['a field too many', 400, wrong({ more: 1 })],
    ['a number for the payload', 400, wrong({ payload: 7 })],
    ['no signature', 400, wrong({ signature: undefined })],
    ['nesting without end', 400, '['.repeat(50_000)],
    ['a payload that is no base64', 422, wrong({ payload: 'no base64!' })],
    ['base64 with something behind it', 422, wrong({ payload: `${envelope.payload} ` })],
    ['a signature that is too short', 422, wrong({ signature: 'AAAA' })],
    ['a kid that is none', 422, wrong({ kid: 'xyz' })],
    ['more than a licence may have', 413, wrong({ payload: 'A'.repeat(140_000) })],
    ['a file of a megabyte', 413, wrong({ payload: 'A'.repeat(1_000_000) })],
  ])('refuses %s by %i, says why in Spanish, and stores nothing', async (_what, expected, body) => {
    const before = await gateway.storedRows();
    const answer = await install(body);
    expect(answer.status).toBe(expected);
    expect(problemIn(answer).detail).toMatch(/archivo/);
    expect(await gateway.storedRows()).toEqual(before);
  });

  it('refuses another content type and another role', async () => {
    const headers = { 'content-type': 'application/octet-stream' };
    expect((await install(text, { headers })).status).toBe(415);
    expect((await install(text, { as: 'operator' })).status).toBe(403);
  });
});

describe('POST /api/admin/license/rebind', () => {
  const rebind = (options: CallOptions = {}) => post(`${LICENSE}/rebind`, options);
  const machine = (rebindAllowedAt: string | null) =>
    agent.record({ machine: { match: 1, same: false, changedAt: null, rebindAllowedAt } });

  it('is refused without a licence', async () => {
    await agent.record({ id: null });
    expect(problemIn(await rebind()).detail).toContain('No hay licencia');
    await agent.record(held);
  });

  it('hands it over once, to be asked when there is a line', async () => {
    const headers = { 'idempotency-key': 'rebind-1' };
    const { status, body } = await rebind({ headers });
    const [job] = await jobs('license.rebind');
    expect([status, body]).toEqual([202, { jobId: job!.id }]);
    expect([(await rebind({ headers })).body, (await rebind()).body]).toEqual([body, body]);
    expect(await jobs('license.rebind')).toEqual([job]);
    expect(await audited('license.rebind')).toHaveLength(2);
  });

  it('within 30 days of the last one is refused by 409, which tells when it is allowed again', async () => {
    const before = await gateway.storedRows();
    const allowed = new Date(Date.now() + 12 * day).toISOString();
    await machine(allowed);
    const answer = await rebind();
    expect([answer.status, problemIn(answer).type]).toEqual([409, 'urn:nexora:problem:http.conflict']);
    expect(problemIn(answer).detail).toMatch(new RegExp(`menos de 30 días.*${allowed}`));
    expect(problemIn(answer).errors).toMatchObject([{ code: 'license.rebound-lately' }]);
    expect(await gateway.storedRows()).toEqual(before);
  });

  it('is allowed again afterwards', async () => {
    await machine(new Date(Date.now() - 1_000).toISOString());
    expect((await rebind()).status).toBe(202);
  });
});

describe('GET /api/admin/license/request', () => {
  const request = (query = '', as: CallOptions['as'] = 'admin') =>
    gateway.call('GET', `${LICENSE}/request${query}`, { as });
  beforeAll(() => agent.carries(held.binding, 'https://portal.example/'));

  it('answers the file to carry, with a fresh number that a reply may have, and says so in the audit log', async () => {
    const answer = await request();
    expect(answer.headers['content-disposition']).toBe('attachment; filename="solicitud-de-licencia.json"');
    const nonce: unknown = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(answer.body).toEqual({ id: 'lic-1', nonce, binding: held.binding });
    const { nonce: given } = answer.body as { nonce: string };
    expect((await request()).body).not.toMatchObject({ nonce: given });
    expect(await gateway.sql('SELECT nonce FROM license.nonce WHERE nonce = $1', [given])).toHaveLength(1);
    expect(await audited('license.request')).toHaveLength(2);
  });

  it('is drawn as a QR code that holds the page of the portal and the request', async () => {
    const require = createRequire(import.meta.url);
    const wasmBinary = new Uint8Array(readFileSync(require.resolve('zxing-wasm/reader/zxing_reader.wasm'))).buffer;
    await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
    const { bytes, headers } = await request('?format=png');
    expect(headers['content-type']).toBe('image/png');
    const [code] = await readBarcodes(new Uint8Array(bytes), { formats: ['QRCode'] });
    const page = new URL(code?.text ?? '');
    expect(page.origin + page.pathname).toBe('https://portal.example/v1/offline');
    const inside = JSON.parse(Buffer.from(page.searchParams.get('request') ?? '', 'base64url').toString()) as unknown;
    expect(inside).toEqual({ id: 'lic-1', nonce: expect.any(String), binding: held.binding });
    const svg = await request('?format=svg');
    expect(svg.headers['content-type']).toBe('image/svg+xml');
    expect(svg.bytes.toString()).toMatch(/^<svg [^]*<\/svg>\s*$/);
  });

  it('is a file alone while no portal is set, and nothing without a licence', async () => {
    await agent.carries(held.binding, '');
    expect((await request()).body).toMatchObject({ id: 'lic-1' });
    expect(problemIn(await request('?format=svg'))).toMatchObject({ status: 409 });
    await agent.record({ id: null });
    expect(problemIn(await request()).detail).toContain('No hay licencia');
    await agent.record(held);
  });

  it('is for admins, in known forms', async () => {
    expect((await request('', 'operator')).status).toBe(403);
    expect((await request('?format=pdf')).status).toBe(422);
  });
});
