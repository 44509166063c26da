import { randomBytes } from 'node:crypto';
import { loadSettings } from '@nexora/runtime';
import { testS3, type Requirement } from '@nexora/testing';
import { Client } from 'minio';
import type { ObjectStore } from '../object-store.ts';
import { openObjectStore } from '../open.ts';
import { storageSettings } from '../storage.settings.ts';

const s3 = await testS3();

/** Whether this machine has an S3 server for tests. */
export const s3There: Requirement =
  'skipped' in s3 ? { met: false, otherwise: s3.skipped } : { met: true, otherwise: '' };

/** The shared S3 server; of no use when it is not there. */
export const server = 'skipped' in s3 ? { endpoint: 'http://127.0.0.1:9', accessKey: 'none', secretKey: 'none' } : s3;

/** Settings of a bucket on the shared server, or on whatever the changes say. */
export function s3Env(bucket: string, changes: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    S3_ENDPOINT: server.endpoint,
    S3_BUCKET: bucket,
    S3_ACCESS_KEY: server.accessKey,
    S3_SECRET_KEY: server.secretKey,
    ...changes,
  };
}

/** A store as an app opens it. */
export function openWith(env: Readonly<Record<string, string>>): Promise<ObjectStore> {
  return openObjectStore(loadSettings(storageSettings, env));
}

/** A name of a bucket that nobody else uses. */
export function freshBucket(): string {
  return `objects-${randomBytes(6).toString('hex')}`;
}

/** The client itself, for what is done behind the driver's back. */
export function bareClient(): Client {
  const { hostname, port } = new URL(server.endpoint);
  const { accessKey, secretKey } = server;
  return new Client({ endPoint: hostname, port: Number(port), useSSL: false, accessKey, secretKey });
}

/** Removes what a test left on the shared server. */
export async function emptyBucket(bucket: string): Promise<void> {
  if (!s3There.met) return;
  const store = await openWith(s3Env(bucket));
  for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
    const page = await store.list('', cursor);
    for (const { key } of page.objects) await store.delete(key);
    ({ cursor } = page);
  }
  await store.close();
}
