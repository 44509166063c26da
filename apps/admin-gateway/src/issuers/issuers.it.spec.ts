import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { abreSobre, buzonDe, direccionDe, labelDelCsd, openKey } from '@nexora/comprobante';
import { makeDemoIssuer, makeTestCertificates, type DemoIssuer } from '@nexora/testing';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requestFingerprint } from '../http/canonical-json.ts';
import { gatewayUnderTest, problemIn, type GatewayUnderTest } from '../testing/gateway.conformance.ts';

let gateway: GatewayUnderTest;
let folder: string;
let own: DemoIssuer;
let others: Awaited<ReturnType<typeof makeTestCertificates>>;
const buzon = buzonDe(Buffer.alloc(32, 5));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nexora-issuers-'));
  own = await makeDemoIssuer(folder);
  others = await makeTestCertificates(folder);
  gateway = await gatewayUnderTest();
}, 120_000);
afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true });
});

const base64 = (path: string): string => readFileSync(path).toString('base64');
const passwordOf = ({ passwordFile }: DemoIssuer): string => readFileSync(passwordFile, 'utf8').trim();
const filesOf = (one: DemoIssuer) => ({
  certificate: base64(one.cer),
  privateKey: base64(one.key),
  password: passwordOf(one),
});
const csdsOf = (rfc: string): string => `/api/admin/issuers/${encodeURIComponent(rfc)}/csds`;
const installed = () => gateway.sql('SELECT numero FROM cfdi.csd');

/** As the agent does when it starts. */
const openMailbox = () =>
  gateway.sql('INSERT INTO cfdi.buzon (direccion) VALUES ($1) ON CONFLICT DO NOTHING', [direccionDe(buzon)]);

describe('installing a CSD', () => {
  it('waits for the first start of the agent, which says where it takes envelopes', async () => {
    const answer = await gateway.call('POST', csdsOf(own.rfc), { body: filesOf(own) });
    expect(answer.status).toBe(503);
    expect(await installed()).toEqual([]);
    await openMailbox();
  });

  it('keeps the key so that the agent alone can open it, and answers no secret', async () => {
    const given = filesOf(own);
    const answer = await gateway.call('POST', csdsOf(own.rfc), { body: given });
    expect([answer.status, (await gateway.call('POST', csdsOf(own.rfc), { body: given })).status]).toEqual([201, 200]);
    expect(answer.body).toMatchObject({ numero: expect.stringMatching(/^\d{20}$/), inUse: true, warnedDays: null });
    const [row] = await gateway.sql<{ sealed_key: Buffer; numero: string; lock: string }>('SELECT * FROM cfdi.csd');
    const secret = openKey(readFileSync(own.key), given.password).export({ format: 'der', type: 'pkcs8' });
    expect(row!.lock).toBe('sobre');
    expect(abreSobre(buzon, row!.sealed_key, labelDelCsd(own.rfc, row!.numero)).equals(secret)).toBe(true);
    const listed = await gateway.call('GET', csdsOf(own.rfc), { as: 'operator' });
    expect(listed.body).toMatchObject({ items: [{ numero: row!.numero }], nextCursor: null });
    const said = JSON.stringify([
      answer.body,
      listed.body,
      gateway.lines,
      await gateway.sql('SELECT * FROM gateway.audit'),
    ]);
    for (const one of [given.password, given.privateKey.slice(0, 60)]) expect(said).not.toContain(one);
    expect(said).toContain('csd.add');
  });

  it('twice with the same Idempotency-Key installs once, with other secrets is refused, and keeps none of them', async () => {
    const headers = { 'idempotency-key': 'csd-1' };
    const post = (given: object) => gateway.call('POST', csdsOf(own.rfc), { body: given, headers });
    const given = filesOf(own);
    const first = await post(given);
    const again = await post(given);
    expect([again.status, again.body]).toEqual([first.status, first.body]);
    expect(again.headers['idempotency-replayed']).toBe('true');
    for (const other of [{ password: 'secreto-1234' }, { privateKey: given.certificate }]) {
      const answer = await post({ ...given, ...other });
      expect([answer.status, problemIn(answer).type]).toEqual([409, 'urn:nexora:problem:http.idempotency-conflict']);
    }
    const [kept] = await gateway.sql<{ fingerprint: Buffer; answer: string }>(
      `SELECT * FROM gateway.idempotency WHERE key = 'csd-1'`,
    );
    expect(JSON.stringify(kept)).not.toContain(given.password);
    // Not even guesses can be tried against what is kept: no plain hash of the request.
    expect(kept!.fingerprint.equals(requestFingerprint('POST', csdsOf(own.rfc), given))).toBe(false);
  });

  it('refuses what cannot seal in Spanish, names the field and stores nothing', async () => {
    const before = await gateway.storedRows();
    const bad = async (given: object, field: string, says: RegExp, rfc = own.rfc) => {
      const answer = await gateway.call('POST', csdsOf(rfc), { body: given });
      expect([answer.status, problemIn(answer).type]).toEqual([422, 'urn:nexora:problem:cfdi.csd-refused']);
      expect(problemIn(answer).errors).toMatchObject([{ path: field, message: expect.stringMatching(says) }]);
    };
    const good = filesOf(own);
    await bad({ ...good, password: 'secreto-1234' }, 'password', /contraseña.*no es correcta/);
    await bad({ ...filesOf(others.otherRfc), certificate: good.certificate }, 'privateKey', /no corresponde/);
    await bad(filesOf(others.efirma), 'certificate', /e\.firma/);
    await bad(filesOf(others.expired), 'certificate', /venció/);
    await bad(filesOf(others.notYetValid), 'certificate', /todavía no/);
    await bad(filesOf(others.otherRfc), 'certificate', /otro RFC/);
    await bad({ ...good, certificate: Buffer.from('hola').toString('base64') }, 'certificate', /texto/);
    await bad({ ...good, privateKey: good.certificate }, 'privateKey', /orden/);
    expect(await gateway.storedRows()).toEqual(before);
    expect(await installed()).toHaveLength(1);
    expect(JSON.stringify(gateway.lines)).not.toContain('secreto-1234');
  });

  it('refuses what is no CSD by its shape without repeating it', async () => {
    const good = filesOf(own);
    for (const [given, status] of [
      [{}, 400],
      [{ ...good, password: 7 }, 400],
      [{ ...good, more: 'secreto-1234' }, 400],
      [{ ...good, certificate: 'no base64 !' }, 422],
      [{ ...good, privateKey: 'A'.repeat(20_000) }, 422],
      [{ ...good, password: 'secreto-1234'.repeat(40) }, 422],
    ] as const) {
      const answer = await gateway.call('POST', csdsOf(own.rfc), { body: given });
      expect(answer.status).toBe(status);
      expect(answer.bytes.toString()).not.toContain('secreto-1234');
    }
    const empty = await gateway.call('POST', csdsOf(own.rfc), { body: { ...good, certificate: '', privateKey: '' } });
    const message = 'debe ser el archivo en base64, y no estar vacío';
    expect(problemIn(empty).errors).toMatchObject([
      { path: 'certificate', message },
      { path: 'privateKey', message },
    ]);
    expect((await gateway.call('POST', csdsOf('XAXX010101000'), { body: good })).status).toBe(404);
    expect((await gateway.call('POST', csdsOf('no-rfc'), { body: good })).status).toBe(400);
  });

  it('lets the issuer go on that was stopped for the sake of the old one, but not one that a person stopped', async () => {
    const stop = (code: string) =>
      gateway.sql(`UPDATE cfdi.issuer SET paused_at = agents.now(), paused_code = $1, paused_reason = 'x'`, [code]);
    const isPaused = async () =>
      (await gateway.sql<{ p: boolean }>('SELECT bool_and(paused_at IS NOT NULL) AS p FROM agents.issuers'))[0]!.p;
    for (const [code, stays] of [
      ['304', false],
      ['AU2001', true],
      ['person', true],
    ] as const) {
      await stop(code);
      await gateway.call('POST', csdsOf(own.rfc), { body: filesOf(own) });
      expect([code, await isPaused()]).toEqual([code, stays]);
    }
    await gateway.call('POST', `/api/admin/issuers/${own.rfc}/resume`, { as: 'operator' });
  });

  it('is beyond the gateway to read back or to swap for another certificate', async () => {
    const own_ = gateway.database.urlFor('admin-gateway');
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: own_ });
    await client.connect();
    await expect(client.query('SELECT sealed_key FROM cfdi.csd')).rejects.toMatchObject({ code: '42501' });
    await expect(client.query(`UPDATE cfdi.buzon SET direccion = ''`)).rejects.toMatchObject({ code: '42501' });
    const swap = `SELECT agents.put_csd($1, numero, 'x', 'y', valid_from, valid_to, (SELECT direccion FROM agents.csd_mailbox))
                    FROM agents.issuer_csds LIMIT 1`;
    await expect(client.query(swap, [own.rfc])).rejects.toMatchObject({ code: 'NX409' });
    await client.end();
  });
});

describe('issuers', () => {
  const issuer = { rfc: 'H&E951128469', nombre: 'HERRERIA & ELECTRICOS', regimenFiscal: '601' };

  it('are registered, changed and listed with their CSDs', async () => {
    const post = (body: unknown) => gateway.call('POST', '/api/admin/issuers', { body });
    expect((await post(issuer)).status).toBe(201);
    const changed = await post({ ...issuer, zonaHoraria: 'America/Tijuana' });
    expect(changed).toMatchObject({ status: 200, body: { zonaHoraria: 'America/Tijuana', pause: null, csds: [] } });
    const { body } = await gateway.call('GET', '/api/admin/issuers', { as: 'operator' });
    expect(body).toMatchObject({
      items: [
        { rfc: own.rfc, csds: [{ inUse: true }] },
        { rfc: issuer.rfc, csds: [] },
      ],
    });
    expect(await gateway.sql(`SELECT action FROM gateway.audit WHERE target = $1 ORDER BY at`, [issuer.rfc])).toEqual([
      { action: 'issuer.add' },
      { action: 'issuer.change' },
    ]);
  });

  it('twice with the same Idempotency-Key are registered once, and with other data refused', async () => {
    const headers = { 'idempotency-key': 'issuer-1' };
    const post = (body: unknown) => gateway.call('POST', '/api/admin/issuers', { body, headers });
    const other = { rfc: 'IIA040805DZ4', nombre: 'INDISTRIA ILUMINADORA DE ALMACENES', regimenFiscal: '626' };
    const first = await post(other);
    const again = await post(other);
    expect([first.status, again.status, again.body]).toEqual([201, 201, first.body]);
    expect((await post({ ...other, nombre: 'OTRA' })).status).toBe(409);
    expect(await gateway.sql(`SELECT action FROM gateway.audit WHERE target = $1`, [other.rfc])).toEqual([
      { action: 'issuer.add' },
    ]);
    await gateway.sql('DELETE FROM cfdi.issuer WHERE rfc = $1', [other.rfc]);
  });

  it('are paused once by the same Idempotency-Key, however often it is sent', async () => {
    const headers = { 'idempotency-key': 'pause-1' };
    const at = (verb: string) => `/api/admin/issuers/${own.rfc}/${verb}`;
    const pause = () => gateway.call('POST', at('pause'), { body: { reason: 'Inventario' }, headers });
    expect((await pause()).body).toEqual({ rfc: own.rfc, paused: true });
    await gateway.call('POST', at('resume'));
    expect((await pause()).headers['idempotency-replayed']).toBe('true');
    expect(await gateway.sql('SELECT kind FROM agents.holds')).toEqual([]);
  });

  it('are refused with the field that is wrong', async () => {
    const answer = await gateway.call('POST', '/api/admin/issuers', {
      body: { rfc: 'X', nombre: 'A SA DE CV', regimenFiscal: '999', zonaHoraria: 'Europe/Madrid' },
    });
    expect(answer.status).toBe(422);
    const paths = problemIn(answer).errors?.map(({ path }) => path);
    expect(paths).toEqual(['rfc', 'nombre', 'regimenFiscal', 'zonaHoraria']);
  });

  it('are paused with a reason by an operator, and resumed', async () => {
    const at = (verb: string) => `/api/admin/issuers/${encodeURIComponent(issuer.rfc)}/${verb}`;
    expect((await gateway.call('POST', at('pause'), { as: 'operator', body: { reason: ' ' } })).status).toBe(422);
    const paused = await gateway.call('POST', at('pause'), { as: 'operator', body: { reason: 'Inventario' } });
    expect(paused).toMatchObject({ status: 200, body: { rfc: issuer.rfc, paused: true } });
    const shown = await gateway.sql('SELECT kind, scope FROM agents.holds');
    expect(shown).toEqual([{ kind: 'cfdi.stamp', scope: issuer.rfc }]);
    const { body } = await gateway.call('GET', '/api/admin/issuers');
    expect(body).toMatchObject({
      items: [{ pause: null }, { pause: { code: 'person', reason: 'Inventario', until: null } }],
    });
    expect((await gateway.call('POST', at('resume'), { as: 'operator' })).body).toMatchObject({ paused: false });
    expect(await gateway.sql('SELECT kind FROM agents.holds')).toEqual([]);
    const nobody = await gateway.call('POST', '/api/admin/issuers/XAXX010101000/pause', { body: { reason: 'x' } });
    expect(nobody.status).toBe(404);
  });
});

describe('the style of an issuer', () => {
  const at = (rfc: string) => `/api/admin/issuers/${encodeURIComponent(rfc)}/style`;
  const put = (body: unknown, rfc = own.rfc) => gateway.call('PUT', at(rfc), { body });
  const png = (bytes: number) => Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(bytes - 8)]);
  const kept = () =>
    gateway.sql('SELECT octet_length(logo) AS logo, color, idioma FROM cfdi.issuer WHERE rfc = $1', [own.rfc]);

  it('is set at once, a logo of 512 kB too, and the audit log says so without the logo', async () => {
    const logo = png(512 * 1024).toString('base64');
    const { status, body } = await put({ logo, color: '#AA3311', idioma: 'en' });
    expect([status, body]).toEqual([200, { rfc: own.rfc, logo: true, color: '#aa3311', idioma: 'en' }]);
    expect(await kept()).toEqual([{ logo: 512 * 1024, color: '#aa3311', idioma: 'en' }]);
    expect(await gateway.sql(`SELECT detail FROM gateway.audit WHERE action = 'issuer.style'`)).toEqual([
      { detail: { logo: true, color: '#aa3311', idioma: 'en' } },
    ]);
    expect((await put({ logo: null, color: null, idioma: 'es' })).status).toBe(200);
    expect(await kept()).toEqual([{ logo: null, color: null, idioma: 'es' }]);
  });

  it('is refused with the field that is wrong, in Spanish, and stays as it was', async () => {
    const good = { logo: null, color: null, idioma: 'es' };
    const before = await kept();
    for (const [body, status, path] of [
      [{ ...good, logo: Buffer.from('<svg/>').toString('base64') }, 422, 'logo'],
      [{ ...good, logo: `${png(64).toString('base64')}!` }, 422, 'logo'],
      [{ ...good, logo: png(512 * 1024 + 1).toString('base64') }, 422, 'logo'],
      [{ ...good, color: 'red' }, 422, 'color'],
      [{ ...good, idioma: 'fr' }, 422, 'idioma'],
      [{ color: null, idioma: 'es' }, 400, 'logo'],
    ] as const) {
      const answer = await put(body);
      expect([path, answer.status]).toEqual([path, status]);
      expect(problemIn(answer).errors).toMatchObject([{ path, message: expect.stringMatching(/debe|falta/) }]);
    }
    expect((await put({ ...good, logo: png(700_000).toString('base64') })).status).toBe(413);
    expect((await put(good, 'XAXX010101000')).status).toBe(404);
    expect(await kept()).toEqual(before);
  });
});
