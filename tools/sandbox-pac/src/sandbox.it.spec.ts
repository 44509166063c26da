import { createHash, createPublicKey, verify, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { makeDemoIssuer } from './ca/issuers.ts';
import { ControlRefused, startSandbox, type RunningSandbox } from './client.ts';
import { cadenaOfTimbre, cadenaOriginal } from './pac/cadena.ts';
import { attribute, descend, namespaces, parse, type XmlElement } from './pac/document.ts';
import { sampleComprobante, sealerOf, type Sealer } from './sample.ts';
import { SwCaller, type SwAnswer } from './sw/caller.ts';

let dir: string;
let sandbox: RunningSandbox;
let sealer: Sealer;
let caller: SwCaller;
let token: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sandbox-pac-it-'));
  sealer = await sealerOf(await makeDemoIssuer(dir));
  sandbox = await startSandbox({ dir });
  caller = new SwCaller(sandbox);
  token = await caller.token();
});
afterAll(async () => {
  await sandbox.stop();
  rmSync(dir, { recursive: true, force: true });
});
beforeEach(async () => {
  await sandbox.client.pac('none');
});

let customids = 0;
const newCustomid = (): string => `row-${(customids += 1)}`;
const stamp = (xml: Buffer, customid?: string): Promise<SwAnswer> => caller.stamp(xml, customid, { token });
const sha256 = (xml: Buffer): string => createHash('sha256').update(xml).digest('hex');
const lastLogged = async () => (await sandbox.client.log()).at(-1);

function timbreIn(cfdi: string): XmlElement {
  const [complement] = descend(parse(Buffer.from(cfdi, 'utf8')).root, 'Complemento');
  const timbres = complement?.children.filter((child) => child.namespace === namespaces.tfd) ?? [];
  expect(timbres).toHaveLength(1);
  return timbres[0]!;
}

const uuidOf = (answer: SwAnswer): string => answer.body?.data?.uuid ?? '';

describe('login', () => {
  it('gives a token of two hours for the account', async () => {
    const answer = await caller.authenticate();
    expect(answer.status).toBe(200);
    expect(answer.body?.status).toBe('success');
    expect(Number(answer.body?.data?.expires_in) - Date.now() / 1000).toBeCloseTo(7200, -1);
    expect(token.split('.')).toHaveLength(3);
  });

  it('refuses a wrong password with AU2000', async () => {
    const answer = await caller.authenticate(sandbox.user, 'wrong');
    expect(answer.status).toBe(401);
    expect(answer.body?.message).toMatch(/^AU2000 - /);
  });

  it('turns a request away whose token is absent, false or over two hours old', async () => {
    const xml = sampleComprobante(sealer);
    for (const wrong of ['', 'a.b.c', `${token}x`])
      expect((await caller.stamp(xml, 'x', { token: wrong })).status).toBe(401);
    await sandbox.client.clock(2 * 3600 + 1);
    const late = await stamp(xml);
    await sandbox.client.clock(0);
    expect([late.status, late.body?.message]).toEqual([401, 'El token ha expirado']);
    expect(await lastLogged()).toMatchObject({ sha256: sha256(xml), uuid: null });
  });
});

describe('a timbre', () => {
  it('leaves the comprobante as it was sealed and adds exactly one TFD over its Sello', async () => {
    const xml = sampleComprobante(sealer, { descripcion: 'Ñandú &amp; 😀 &lt;té&gt;' });
    const { status, body } = await stamp(xml, newCustomid());
    expect([status, body?.status]).toEqual([200, 'success']);
    const { cfdi = '', ...data } = body?.data ?? {};
    const before = parse(xml).root;
    const timbre = timbreIn(cfdi);
    expect(cadenaOriginal(parse(Buffer.from(cfdi)).root)).toBe(cadenaOriginal(before));
    expect(cfdi.replace(/<cfdi:Complemento>.*<\/cfdi:Complemento>/, '')).toBe(xml.toString('utf8'));
    expect(attribute(timbre, 'SelloCFD')).toBe(attribute(before, 'Sello'));
    expect(data).toMatchObject({
      uuid: attribute(timbre, 'UUID'),
      fechaTimbrado: attribute(timbre, 'FechaTimbrado'),
      selloSAT: attribute(timbre, 'SelloSAT'),
      selloCFDI: attribute(before, 'Sello'),
      noCertificadoSAT: attribute(timbre, 'NoCertificadoSAT'),
      noCertificadoCFDI: sealer.number,
      cadenaOriginalSAT: cadenaOfTimbre(timbre),
    });
    expect(Buffer.from(data.qrCode ?? '', 'base64').toString()).toContain(
      `re=EKU9003173C9&rr=CACX7605101P8&tt=115.99&fe=`,
    );
  });

  it('has a SelloSAT that the published stamping certificate verifies', async () => {
    const timbre = timbreIn((await stamp(sampleComprobante(sealer))).body?.data?.cfdi ?? '');
    const state = await sandbox.client.state();
    const certificate = new X509Certificate(readFileSync(state.certificates.stamping));
    const sello = Buffer.from(attribute(timbre, 'SelloSAT'), 'base64');
    expect(
      verify(
        'RSA-SHA256',
        Buffer.from(cadenaOfTimbre(timbre)),
        createPublicKey(certificate.publicKey.export({ type: 'spki', format: 'pem' })),
        sello,
      ),
    ).toBe(true);
    expect(Buffer.from(certificate.serialNumber, 'hex').toString()).toBe(attribute(timbre, 'NoCertificadoSAT'));
  });

  it('goes before the addenda, into an empty complement, and under any prefix', async () => {
    const addenda = '<cfdi:Addenda><nota xmlns="urn:x">a</nota></cfdi:Addenda></cfdi:Comprobante>';
    const changes: ((xml: string) => string)[] = [
      (xml) => xml.replace('</cfdi:Comprobante>', `${addenda}<!-- </cfdi:Comprobante> -->`),
      (xml) => xml.replace('</cfdi:Comprobante>', '<cfdi:Complemento/></cfdi:Comprobante>'),
      (xml) => xml.replace('</cfdi:Comprobante>', '<cfdi:Complemento> </cfdi:Complemento></cfdi:Comprobante>'),
      (xml) => xml.replaceAll('cfdi:', 'otro:').replace('xmlns:cfdi', 'xmlns:otro'),
      (xml) => xml.replaceAll('cfdi:', '').replace('xmlns:cfdi', 'xmlns'),
      (xml) => xml.replaceAll('><', '>\r\n  <'),
    ];
    for (const change of changes) {
      const answer = await stamp(sampleComprobante(sealer, { change }));
      expect(answer.body?.messageDetail ?? 'stamped').toBe('stamped');
      expect(attribute(timbreIn(answer.body?.data?.cfdi ?? ''), 'UUID')).toBe(uuidOf(answer));
    }
  });

  it('declares UTF-8 also where the comprobante came in ISO-8859-1', async () => {
    const tamper = (xml: string): string => xml.replace('encoding="UTF-8"', 'encoding="ISO-8859-1"');
    const xml = Buffer.from(sampleComprobante(sealer, { tamper }).toString('utf8'), 'latin1');
    const cfdi = (await stamp(xml)).body?.data?.cfdi ?? '';
    expect(cfdi).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>/);
    expect(cadenaOriginal(parse(Buffer.from(cfdi, 'utf8')).root)).toBe(cadenaOriginal(parse(xml).root));
  });

  it('comes in the versions of the answer', async () => {
    const keys: Record<string, string[]> = { v1: ['tfd'], v2: ['cfdi', 'tfd'], v3: ['cfdi'] };
    for (const version of ['v1', 'v2', 'v3'] as const) {
      const answer = await caller.stamp(sampleComprobante(sealer), undefined, { token, version });
      expect(Object.keys(answer.body?.data ?? {}).sort()).toEqual(keys[version]);
    }
  });
});

describe('the same twice', () => {
  it('answers sealed bytes that it stamped before with 307 and the first timbre', async () => {
    const xml = sampleComprobante(sealer);
    const first = await stamp(xml, newCustomid());
    const second = await stamp(xml, newCustomid());
    expect(second.status).toBe(400);
    expect(second.body).toMatchObject({ status: 'error', message: expect.stringMatching(/^307\. /) });
    expect(second.body?.data).toEqual(first.body?.data);
    expect(await lastLogged()).toMatchObject({ sha256: sha256(xml), uuid: null });
  });

  it('answers two equal requests at once with one timbre', async () => {
    const xml = sampleComprobante(sealer);
    const customid = newCustomid();
    const answers = await Promise.all(Array.from({ length: 8 }, () => stamp(xml, customid)));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    expect(new Set(answers.map(uuidOf)).size).toBe(1);
    const logged = (await sandbox.client.log()).filter((request) => request.customid === customid);
    expect([logged.length, logged.filter((request) => request.uuid !== null).length]).toEqual([8, 1]);
  });

  it('answers other bytes under one customid with CFDI3307 and the first timbre, for 72 hours', async () => {
    const customid = newCustomid();
    const first = await stamp(sampleComprobante(sealer), customid);
    const second = await stamp(sampleComprobante(sealer), customid);
    expect(second.status).toBe(400);
    expect(second.body?.message).toMatch(/^CFDI3307 - /);
    expect(Object.keys(second.body?.data ?? {})).toEqual(['tfd']);
    expect(second.body?.data?.tfd).toContain(`UUID="${uuidOf(first)}"`);
    await sandbox.client.clock(73 * 3600);
    const fecha = new Date(Date.now() + 72.5 * 3_600_000)
      .toLocaleString('sv-SE', { timeZone: 'America/Mexico_City' })
      .replace(' ', 'T');
    const third = await caller.stamp(sampleComprobante(sealer, { fecha }), customid);
    await sandbox.client.clock(0);
    expect(third.status).toBe(200);
    expect(uuidOf(third)).not.toBe(uuidOf(first));
  });

  it('answers 307 also when the 72 hours are over', async () => {
    const xml = sampleComprobante(sealer);
    const first = await stamp(xml);
    await sandbox.client.clock(80 * 3600);
    const second = await caller.stamp(xml);
    await sandbox.client.clock(0);
    expect([second.body?.message?.slice(0, 4), uuidOf(second)]).toEqual(['307.', uuidOf(first)]);
  });
});

describe('misbehaviour on demand', () => {
  const failed = (promise: Promise<unknown>): Promise<boolean> =>
    promise.then(
      () => false,
      () => true,
    );

  it('drop-before breaks the connection and stamps nothing', async () => {
    const xml = sampleComprobante(sealer);
    await sandbox.client.pac('drop-before', 1);
    expect(await failed(stamp(xml, newCustomid()))).toBe(true);
    expect(await lastLogged()).toMatchObject({ sha256: sha256(xml), uuid: null });
    expect((await stamp(xml)).status).toBe(200);
  });

  it('drop-after breaks the connection and has stamped', async () => {
    const xml = sampleComprobante(sealer);
    await sandbox.client.pac('drop-after', 1);
    expect(await failed(stamp(xml))).toBe(true);
    const logged = await lastLogged();
    expect(logged?.uuid).toMatch(/^[0-9a-f-]{36}$/);
    expect(uuidOf(await stamp(xml))).toBe(logged?.uuid);
  });

  it('500 and 429 stamp nothing, 429 says when to come back', async () => {
    const xml = sampleComprobante(sealer);
    await sandbox.client.pac('500', 1);
    expect((await stamp(xml)).status).toBe(500);
    await sandbox.client.pac('429', 1);
    const busy = await stamp(xml);
    expect([busy.status, Number(busy.headers.get('retry-after'))]).toEqual([429, 2]);
    expect((await stamp(xml)).status).toBe(200);
  });

  it('html answers 200 with a page, as a captive portal does', async () => {
    const xml = sampleComprobante(sealer);
    await sandbox.client.pac('html', 1);
    const answer = await stamp(xml);
    expect([answer.status, answer.headers.get('content-type'), answer.body]).toEqual([
      200,
      'text/html; charset=utf-8',
      undefined,
    ]);
    expect((await lastLogged())?.uuid).toBeNull();
  });

  it('cut sends half of the body of a timbre that was made', async () => {
    const xml = sampleComprobante(sealer);
    await sandbox.client.pac('cut', 1);
    expect(await failed(stamp(xml))).toBe(true);
    expect(uuidOf(await stamp(xml))).toBe((await sandbox.client.log()).at(-2)?.uuid);
  });

  it('empty-307 says stamped before, without saying what, and then says it', async () => {
    const xml = sampleComprobante(sealer);
    await sandbox.client.pac('empty-307', 2);
    for (const answer of [await stamp(xml), await stamp(xml)]) {
      expect(answer.body).toMatchObject({ status: 'error', message: expect.stringMatching(/^307\. /), data: null });
    }
    const full = await stamp(xml);
    expect(full.body?.message).toMatch(/^307\. /);
    expect(uuidOf(full)).toBe((await sandbox.client.log()).at(-3)?.uuid);
  });

  it('wrong-sello answers a timbre over another seal, and remembers the true one', async () => {
    const xml = sampleComprobante(sealer);
    const sello = attribute(parse(xml).root, 'Sello');
    await sandbox.client.pac('wrong-sello', 1);
    const wrong = await stamp(xml);
    expect(wrong.status).toBe(200);
    expect(attribute(timbreIn(wrong.body?.data?.cfdi ?? ''), 'SelloCFD')).not.toBe(sello);
    const right = await stamp(xml);
    expect(attribute(timbreIn(right.body?.data?.cfdi ?? ''), 'SelloCFD')).toBe(sello);
    expect(uuidOf(right)).toBe(uuidOf(wrong));
  });

  it('no-stamps refuses with AU2001, code: with any code', async () => {
    const xml = sampleComprobante(sealer);
    await sandbox.client.pac('no-stamps', 1);
    expect((await stamp(xml)).body?.message).toMatch(/^AU2001 - /);
    for (const code of ['AU2002', 'AU2003', 'AU2004', '304', '402', '708', 'CFDI40145', 'XYZ9']) {
      await sandbox.client.pac(`code:${code}`, 1);
      expect((await stamp(xml)).body).toMatchObject({
        status: 'error',
        message: expect.stringMatching(new RegExp(`^${code} - `)),
      });
    }
    expect((await stamp(xml)).status).toBe(200);
  });

  it('delay stamps at once and answers late', async () => {
    const xml = sampleComprobante(sealer);
    await sandbox.client.pac('delay:60000', 1);
    const gone = new AbortController();
    const form = new FormData();
    form.set('xml', new Blob([new Uint8Array(xml)]));
    const headers = { authorization: `Bearer ${token}` };
    const url = `${sandbox.pacUrl}/v4/cfdi33/stamp/v4`;
    const waiting = fetch(url, { method: 'POST', body: form, headers, signal: gone.signal });
    waiting.catch(() => undefined);
    let logged = await lastLogged();
    while (logged?.sha256 !== sha256(xml)) logged = await lastLogged();
    gone.abort();
    expect(await failed(waiting)).toBe(true);
    expect(uuidOf(await stamp(xml))).toBe(logged.uuid);
    await sandbox.client.pac('delay:300', 1);
    const started = performance.now();
    expect((await stamp(sampleComprobante(sealer))).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(295);
  });

  it('clock makes the PAC wrong about the time: Date header, FechaTimbrado and judgement', async () => {
    await sandbox.client.pac('clock:600', 1);
    const ahead = await stamp(sampleComprobante(sealer));
    expect(Math.round((ahead.date.getTime() - Date.now()) / 60_000)).toBe(10);
    const shown = new Date(Date.now() + 600_000).toLocaleString('sv-SE', { timeZone: 'America/Mexico_City' });
    expect(ahead.body?.data?.fechaTimbrado?.slice(0, 15)).toBe(shown.replace(' ', 'T').slice(0, 15));
    await sandbox.client.pac('clock:-600');
    const behind = await stamp(sampleComprobante(sealer));
    expect(behind.body?.message).toMatch(/^CFDI40101 - /);
    expect(Math.round(((await caller.authenticate()).date.getTime() - Date.now()) / 60_000)).toBe(-10);
    await sandbox.client.pac('none');
    expect(Math.abs((await caller.authenticate()).date.getTime() - Date.now())).toBeLessThan(5_000);
  });

  it('ends after its count, and lasts until none without one', async () => {
    await sandbox.client.pac('500', 2);
    const counted = [];
    for (let index = 0; index < 3; index += 1) counted.push((await stamp(sampleComprobante(sealer))).status);
    expect(counted).toEqual([500, 500, 200]);
    expect((await sandbox.client.state()).pac).toMatchObject({ misbehaviour: 'none', remaining: null });
    await sandbox.client.pac('500');
    for (let index = 0; index < 4; index += 1) expect((await stamp(sampleComprobante(sealer))).status).toBe(500);
    expect((await sandbox.client.state()).pac).toMatchObject({ misbehaviour: '500', remaining: null });
  });
});

describe('the line', () => {
  it('when cut refuses connections to PAC and heartbeat and breaks the open ones, and comes back', async () => {
    const heart = await fetch(sandbox.heartbeatUrl);
    expect([heart.status, await heart.text()]).toEqual([200, 'nexora-sandbox-heartbeat\n']);
    const { hostname, port } = new URL(sandbox.pacUrl);
    const open = connect(Number(port), hostname);
    const broken = new Promise<void>((resolve) => open.once('close', () => resolve()));
    await new Promise<void>((resolve) => open.once('connect', () => resolve()));
    expect((await sandbox.client.internet('cut')).internet).toBe('cut');
    await broken;
    for (const url of [sandbox.heartbeatUrl, sandbox.pacUrl]) {
      await expect(fetch(url)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    }
    expect((await sandbox.client.pac('500', 1)).pac.misbehaviour).toBe('500');
    await sandbox.client.pac('none');
    expect((await sandbox.client.internet('restore')).internet).toBe('up');
    expect((await fetch(sandbox.heartbeatUrl)).status).toBe(200);
    expect((await stamp(sampleComprobante(sealer))).status).toBe(200);
  });

  it('may be cut and restored twice, in any haste', async () => {
    const { client } = sandbox;
    await Promise.all([
      client.internet('cut'),
      client.internet('cut'),
      client.internet('restore'),
      client.internet('restore'),
    ]);
    expect((await fetch(sandbox.heartbeatUrl)).status).toBe(200);
  });
});

describe('the PAC port', () => {
  it('answers what no protocol knows, a body without XML, and one too large for a comprobante', async () => {
    expect((await fetch(`${sandbox.pacUrl}/nothing`)).status).toBe(404);
    expect((await fetch(`${sandbox.pacUrl}/security/authenticate`)).status).toBe(405);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/xml' };
    const url = `${sandbox.pacUrl}/v4/cfdi33/stamp/v4`;
    expect((await fetch(url, { method: 'POST', headers, body: '<a/>' })).status).toBe(400);
    expect((await fetch(url, { method: 'POST', headers, body: Buffer.alloc(21 * 1024 * 1024) })).status).toBe(413);
    expect((await stamp(sampleComprobante(sealer), 'x'.repeat(101))).body?.message).toContain('mayor a 100 caracteres');
    expect((await stamp(sampleComprobante(sealer))).status).toBe(200);
  });

  it('takes the document in base64 too', async () => {
    const form = new FormData();
    form.set('xml', sampleComprobante(sealer).toString('base64'));
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${sandbox.pacUrl}/cfdi33/stamp/v4/b64`, { method: 'POST', headers, body: form });
    expect(await answer.json()).toMatchObject({ status: 'success' });
  });
});

describe('the control port', () => {
  it('says what is wrong with a call', async () => {
    await expect(sandbox.client.pac('explode')).rejects.toThrow(ControlRefused);
    await expect(sandbox.client.pac('500', 0)).rejects.toThrow('times must be a whole number above 0');
    expect((await fetch(`${sandbox.controlUrl}/control/internet`, { method: 'POST', body: 'cut' })).status).toBe(400);
    expect((await fetch(`${sandbox.controlUrl}/control/nothing`)).status).toBe(404);
  });

  it('lists each request that reached the PAC on one line of four fields', async () => {
    const xml = sampleComprobante(sealer);
    const customid = newCustomid();
    const answer = await stamp(xml, customid);
    const lines = (await sandbox.client.logLines()).trimEnd().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toEqual({
      time: expect.any(String),
      customid,
      sha256: sha256(xml),
      uuid: uuidOf(answer),
    });
  });

  it('answers health and state', async () => {
    expect((await fetch(`${sandbox.controlUrl}/health/ready`)).status).toBe(200);
    const state = await sandbox.client.state();
    expect(state.requests).toBe((await sandbox.client.log()).length);
    expect(state.stamps).toBe((await sandbox.client.log()).filter((request) => request.uuid !== null).length);
  });
});
