import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Envelope } from '@nexora/licensing';
import { describeWhen } from '@nexora/testing';
import { startPortal } from './client.ts';
import { PortalUnderTest, sampleOrder } from './portal-under-test.conformance.ts';

const version = spawnSync('openssl', ['version'], { encoding: 'utf8' });
const hasOpenssl = { met: version.status === 0, otherwise: 'no openssl command' };

let dir: string;
let under: PortalUnderTest;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sandbox-openssl-'));
  under = await PortalUnderTest.start();
});
afterAll(async () => {
  await under.end();
  rmSync(dir, { recursive: true, force: true });
});

function openssl(...args: string[]): { status: number | null; stdout: string } {
  return spawnSync('openssl', args, { cwd: dir, encoding: 'utf8' });
}

/** What the command says of a signature over prefix and payload, under a raw public key. */
function verdictOn({ payload, signature }: Envelope, prefix: string, publicKeyHex: string): string {
  // SubjectPublicKeyInfo of Ed25519 (RFC 8410): a fixed head and the 32 bytes.
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(publicKeyHex, 'hex')]);
  writeFileSync(join(dir, 'key.der'), spki);
  writeFileSync(join(dir, 'signed'), Buffer.concat([Buffer.from(prefix), Buffer.from(payload, 'base64')]));
  writeFileSync(join(dir, 'signature'), Buffer.from(signature, 'base64'));
  const names = ['-inkey', 'key.der', '-keyform', 'DER', '-in', 'signed', '-sigfile', 'signature'];
  return openssl('pkeyutl', '-verify', '-pubin', '-rawin', ...names).stdout.trim();
}

/** GET over TLS by whom this certificate vouches for. */
async function heardBy(ca: Buffer, url: string): Promise<{ status?: number; location?: string; text: string }> {
  const request = get(url, { ca });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const { statusCode: status, headers } = response;
  return { status, location: headers.location, text: await text(response) };
}

const good = 'Signature Verified Successfully';

describeWhen(hasOpenssl)('the openssl command', () => {
  it('verifies what the portal signs: licence, list and reply, each under its own prefix only', async () => {
    const [key = ''] = await under.portal.vendor.publicKeysHex();
    const { id, envelope: license } = await under.portal.vendor.issue(sampleOrder);
    const reply = JSON.parse((await under.ask(id)).text) as Envelope;
    const crl = JSON.parse((await under.get('/v1/crl')).text) as Envelope;
    const inner = (JSON.parse(Buffer.from(reply.payload, 'base64').toString()) as { license: Envelope }).license;
    const documents = { license, crl, reply };
    for (const [type, document] of Object.entries(documents)) {
      for (const prefix of Object.keys(documents)) {
        const verdict = verdictOn(document, `nexora-${prefix}-v1\n`, key);
        if (prefix === type) expect(verdict).toBe(good);
        else expect(verdict).not.toBe(good);
      }
    }
    expect(verdictOn(inner, 'nexora-license-v1\n', key)).toBe(good);
  });

  it('finds the id of the key in every envelope: 16 digits of the SHA-256 of its 32 bytes', async () => {
    const [key = ''] = await under.portal.vendor.publicKeysHex();
    writeFileSync(join(dir, 'raw'), Buffer.from(key, 'hex'));
    const { stdout } = openssl('dgst', '-sha256', '-r', 'raw');
    expect(JSON.parse((await under.get('/v1/crl')).text)).toMatchObject({ kid: stdout.slice(0, 16) });
  });

  it('makes a certificate with which the portal speaks HTTPS, also in its redirects', async () => {
    const names = ['-keyout', 'tls.key', '-out', 'tls.crt', '-subj', '/CN=localhost', '-addext'];
    const made = openssl('req', '-x509', '-newkey', 'ed25519', '-nodes', ...names, 'subjectAltName=IP:127.0.0.1');
    expect(made.status).toBe(0);
    const tls = { cert: join(dir, 'tls.crt'), key: join(dir, 'tls.key') };
    const portal = await startPortal({ dir: join(dir, 'https'), tls });
    try {
      expect(portal.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
      const ca = readFileSync(tls.cert);
      expect(await heardBy(ca, `${portal.url}/v1/crl`)).toMatchObject({
        status: 200,
        text: expect.stringMatching(/"kid"/),
      });
      await portal.client.misbehave('crl-redirect', 1);
      expect(await heardBy(ca, `${portal.url}/v1/crl`)).toMatchObject({
        status: 307,
        location: `${portal.url}/v1/crl?redirected=1`,
      });
      await portal.client.internet('cut');
      await expect(heardBy(ca, portal.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      await portal.client.internet('restore');
      expect(await heardBy(ca, `${portal.url}/v1/crl`)).toMatchObject({ status: 200 });
    } finally {
      await portal.stop();
    }
  });
});
