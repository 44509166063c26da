import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import type { RunningPortal } from '../client.ts';
import { machine, newNonce, PortalUnderTest, sampleOrder } from '../portal-under-test.conformance.ts';

const require = createRequire(import.meta.url);
let under: PortalUnderTest;
let portal: RunningPortal;

beforeAll(async () => {
  const wasmBinary = new Uint8Array(readFileSync(require.resolve('zxing-wasm/reader/zxing_reader.wasm'))).buffer;
  await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
  under = await PortalUnderTest.start();
  portal = under.portal;
});
afterAll(() => under.end());

const linkTo = (id: string, nonce: string): string => {
  const request = JSON.stringify({ id, nonce, binding: machine('shop') });
  return `/v1/offline?request=${Buffer.from(request).toString('base64url')}`;
};

/** What a camera reads on the page. */
async function scanned(html: string): Promise<string[]> {
  const [svg = ''] = /<svg.*<\/svg>/s.exec(html) ?? [];
  const png = await sharp(Buffer.from(svg)).resize(1200).flatten({ background: '#fff' }).png().toBuffer();
  return (await readBarcodes(new Uint8Array(png))).map(({ text }) => text);
}

describe('GET /v1/offline, where the owner arrives with a phone', () => {
  it('is a page in Spanish with the reply as QR and to download, and nothing from elsewhere', async () => {
    const { id } = await portal.vendor.issue(sampleOrder);
    const nonce = newNonce();
    const page = await under.get(linkTo(id, nonce));
    expect([page.status, page.type]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.text).toMatch(/^<!DOCTYPE html><html lang="es">.*Su licencia está renovada.*Descargar respuesta/s);
    expect(page.text.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|<script/);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    const [code = ''] = await scanned(page.text);
    expect((await under.verified(id, { ...page, text: code, nonce })).license).toMatchObject({ id });
    const href = /class="file"[^>]* href="([^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const file = await under.get(href);
    expect([file.type, file.headers.get('content-disposition')]).toEqual([
      'application/json',
      'attachment; filename="respuesta-licencia.json"',
    ]);
    expect((await under.verified(id, { ...file, nonce })).license).toMatchObject({ id });
    expect((await portal.client.log()).at(-1)).toMatchObject({ outcome: 'renewed', nonce, licenseId: id });
  });

  it('says why a licence was not renewed, and the signed refusal can be taken along', async () => {
    const { id } = await portal.vendor.issue(sampleOrder);
    await portal.vendor.revoke(id);
    const nonce = newNonce();
    const page = await under.get(linkTo(id, nonce));
    expect(page.text).toMatch(/La licencia no se renovó.*La licencia fue revocada/s);
    const [code = ''] = await scanned(page.text);
    expect((await under.verified(id, { ...page, text: code, nonce })).reply.refusal?.code).toBe('revoked');
  });

  it('shows what customers and strangers write as text', async () => {
    const { id } = await portal.vendor.issue({ ...sampleOrder, customer: `<b>"O'Brien" & Hnos</b>` });
    expect((await under.get(linkTo(id, newNonce()))).text).toContain(
      '&lt;b&gt;&quot;O&#39;Brien&quot; &amp; Hnos&lt;/b&gt;',
    );
    const stranger = await under.get(linkTo('"><script>', newNonce()));
    expect(stranger.text).not.toContain('<script');
    expect(stranger.text).toContain('&quot;&gt;&lt;script&gt;');
  });

  it('offers only the file when the reply is too long for a QR', async () => {
    const features = Array.from({ length: 60 }, (_, index) => `feature-with-a-long-name-${index}`);
    const { id } = await portal.vendor.issue({ ...sampleOrder, features });
    const { text, status } = await under.get(linkTo(id, newNonce()));
    expect([status, text.includes('<svg')]).toEqual([200, false]);
    expect(text).toMatch(/demasiado larga para un código QR: descargue el archivo/);
  });

  it.each(['/v1/offline', '/v1/offline?request=', '/v1/offline?request=hello', '/v1/offline?request=e30'])(
    'tells what to do when the link holds no request: %s',
    async (path) => {
      const { status, type, text } = await under.get(path);
      expect([status, type]).toEqual([400, 'text/html; charset=utf-8']);
      expect(text).toMatch(/El enlace no contiene una solicitud de licencia/);
      expect((await portal.client.log()).at(-1)?.outcome).toBe('bad-request');
    },
  );

  it('misbehaves as renewals do', async () => {
    const { id } = await portal.vendor.issue(sampleOrder);
    await portal.client.misbehave('500', 1);
    expect((await under.get(linkTo(id, newNonce()))).status).toBe(500);
    await portal.client.misbehave('wrong-signature', 1);
    const nonce = newNonce();
    const page = await under.get(linkTo(id, nonce));
    const [code = ''] = await scanned(page.text);
    await expect(under.verified(id, { ...page, text: code, nonce })).rejects.toMatchObject({ reason: 'bad signature' });
  });
});
