import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWhen } from '@nexora/testing';
import { Portal } from './portal.ts';

const hasOpenssl = { met: spawnSync('openssl', ['version']).status === 0, otherwise: 'no openssl command' };

describeWhen(hasOpenssl)('the portal over HTTPS', () => {
  let dir: string;
  const usual = getCACertificates();
  const certificate = (): string => readFileSync(join(dir, 'tls.crt'), 'utf8');
  let server: Server;
  let port: number;
  let asked = 0;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'nexora-https-'));
    const names = ['-keyout', 'tls.key', '-out', 'tls.crt', '-subj', '/CN=portal', '-addext'];
    const made = ['req', '-x509', '-newkey', 'ed25519', '-nodes', ...names, 'subjectAltName=IP:127.0.0.1'];
    expect(spawnSync('openssl', made, { cwd: dir }).status).toBe(0);
    server = createServer({ cert: certificate(), key: readFileSync(join(dir, 'tls.key')) }, (_request, response) => {
      asked += 1;
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, resolve));
    ({ port } = server.address() as AddressInfo);
  });

  afterAll(async () => {
    setDefaultCACertificates(usual);
    await new Promise((resolve) => server.close(resolve));
    rmSync(dir, { recursive: true, force: true });
  });

  const visit = (host: string): Promise<unknown> => new Portal(`https://${host}:${String(port)}`).visit().crl(null);

  it('is asked nothing while nobody who is trusted vouches for it, or only under another name', async () => {
    const failedBy = (code: string): object => ({ name: 'PortalFailed', cause: expect.objectContaining({ code }) });
    await expect(visit('127.0.0.1')).rejects.toMatchObject(failedBy('DEPTH_ZERO_SELF_SIGNED_CERT'));
    setDefaultCACertificates([...usual, certificate()]);
    await expect(visit('localhost')).rejects.toMatchObject(failedBy('ERR_TLS_CERT_ALTNAME_INVALID'));
    expect(asked).toBe(0);
  });

  it('is asked when its certificate is trusted', async () => {
    setDefaultCACertificates([...usual, certificate()]);
    expect(await visit('127.0.0.1')).toMatchObject({ text: new TextEncoder().encode('{}') });
    expect(asked).toBe(1);
  });
});
