import { createPublicKey, verify, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunningSandbox } from './client.ts';
import { cadenaOfTimbre, cadenaOriginal } from './pac/cadena.ts';
import { attribute, parse } from './pac/document.ts';
import { sampleComprobante, type Sealer } from './sample.ts';
import {
  newCustomid,
  sandboxUnderTest,
  type SandboxUnderTest,
  sha256,
  timbreIn,
  uuidOf,
} from './sandbox-under-test.conformance.ts';
import type { SwCaller } from './sw/caller.ts';

let under: SandboxUnderTest;
let sandbox: RunningSandbox;
let sealer: Sealer;
let caller: SwCaller;
let token: string;
let stamp: SandboxUnderTest['stamp'];
let lastLogged: SandboxUnderTest['lastLogged'];

beforeAll(async () => {
  under = await sandboxUnderTest();
  ({ sandbox, sealer, caller, token, stamp, lastLogged } = under);
});
afterAll(() => under.end());
beforeEach(async () => {
  await sandbox.client.pac('none');
});

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
