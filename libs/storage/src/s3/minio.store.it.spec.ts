import { randomBytes } from 'node:crypto';
import { afterAll } from '@jest/globals';
import { loadSettings } from '@nexora/runtime';
import { testS3 } from '@nexora/testing';
import { Client } from 'minio';
import { conformsToObjectStore } from '../object-store.conformance.ts';
import { openObjectStore } from '../open.ts';
import { storageSettings } from '../storage.settings.ts';

const s3 = await testS3();
const there = 'skipped' in s3 ? { met: false, otherwise: s3.skipped } : { met: true, otherwise: '' };
const { endpoint, accessKey, secretKey } =
  'skipped' in s3 ? { endpoint: 'http://127.0.0.1:1', accessKey: 'none', secretKey: 'none' } : s3;
const bucket = `objects-${randomBytes(6).toString('hex')}`;
const env = { S3_ENDPOINT: endpoint, S3_BUCKET: bucket, S3_ACCESS_KEY: accessKey, S3_SECRET_KEY: secretKey };

const { hostname, port } = new URL(endpoint);
const client = new Client({ endPoint: hostname, port: Number(port), useSSL: false, accessKey, secretKey });

afterAll(async () => {
  if (!there.met) return;
  const keys: string[] = [];
  const store = await openObjectStore(loadSettings(storageSettings, env));
  for (let cursor: string | null = null; ;) {
    const page = await store.list('', cursor);
    keys.push(...page.objects.map(({ key }) => key));
    if (page.cursor === null) break;
    ({ cursor } = page);
  }
  for (const key of keys) await store.delete(key);
  await store.close();
});

conformsToObjectStore('S3 server', there, {
  env,
  open: () => openObjectStore(loadSettings(storageSettings, env)),
  damage: async (key, bytes) => {
    const { metaData } = await client.statObject(bucket, key);
    await client.putObject(bucket, key, bytes, bytes.length, {
      'content-type': String(metaData['content-type']),
      'x-amz-meta-nexora-sha256': String(metaData['nexora-sha256']),
    });
  },
  putForeign: async (key, bytes) => {
    await client.putObject(bucket, key, bytes);
  },
});
