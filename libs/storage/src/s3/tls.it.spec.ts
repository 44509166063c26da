import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWhen, spawnNode } from '@nexora/testing';
import { emptyBucket, freshBucket, openWith, s3Env, s3There, server } from '../conformance/s3-server.conformance.ts';
import { freshKey } from '../fixtures/store-under-test.ts';

const folder = mkdtempSync(join(tmpdir(), 'nexora-tls-'));
const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
const made = spawnSync(
  'openssl',
  ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj'].concat(
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost',
    '-keyout',
    key,
    '-out',
    cert,
  ),
);
const there = made.status === 0 ? s3There : { met: false, otherwise: 'no openssl to make a certificate with' };

describeWhen(there)('an S3 server behind TLS', () => {
  const bucket = freshBucket();
  const { hostname, port } = new URL(server.endpoint);
  const tls = createServer((socket) => {
    const plain = connect(Number(port), hostname);
    socket.pipe(plain).pipe(socket);
    for (const [end, other] of [
      [socket, plain],
      [plain, socket],
    ] as const)
      end.on('error', () => other.destroy());
  });
  let env: Record<string, string> = {};

  beforeAll(async () => {
    tls.setSecureContext({ key: readFileSync(key), cert: readFileSync(cert) });
    await new Promise<void>((resolve) => tls.listen(0, 'localhost', resolve));
    env = s3Env(bucket, { S3_ENDPOINT: `https://localhost:${(tls.address() as AddressInfo).port}` });
  });

  afterAll(async () => {
    tls.close();
    rmSync(folder, { recursive: true });
    await emptyBucket(bucket);
  });

  it('takes and gives bodies when its certificate is trusted', async () => {
    const entry = fileURLToPath(new URL('../fixtures/streamer.ts', import.meta.url));
    const args = [freshKey('tls.bin'), '20', 'yes'];
    const streamer = await spawnNode({ entry, args, env: { ...env, NODE_EXTRA_CA_CERTS: cert } });
    const [, json = '{}'] = await streamer.line(/^result (.*)$/);
    expect(JSON.parse(json)).toMatchObject({ whole: true });
    expect(await streamer.exited).toEqual({ code: 0, signal: null });
  });

  it('is away when its certificate is not trusted: a wrong clock may be the reason', async () => {
    const store = await openWith(env);
    await expect(store.probe()).rejects.toEqual(
      expect.objectContaining({
        name: 'StorageAway',
        beforeFirstByte: true,
        message: expect.stringMatching(/certificate.*clock/),
      }),
    );
    await store.close();
  });
});
