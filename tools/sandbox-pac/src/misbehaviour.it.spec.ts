import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunningSandbox } from './client.ts';
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
