import { afterAll } from '@jest/globals';
import {
  bareClient,
  emptyBucket,
  freshBucket,
  openWith,
  s3Env,
  s3There,
} from '../conformance/s3-server.conformance.ts';
import { conformsToObjectStore } from '../object-store.conformance.ts';

const bucket = freshBucket();
const env = s3Env(bucket);
const client = bareClient();
afterAll(() => emptyBucket(bucket));

conformsToObjectStore('S3 server', s3There, {
  env,
  open: () => openWith(env),
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
