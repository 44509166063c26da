import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { describeWhen, testS3 } from '@nexora/testing';
import { Client } from 'minio';

const s3 = await testS3();
const there = 'skipped' in s3 ? { met: false, otherwise: s3.skipped } : { met: true, otherwise: '' };

function client(secretKey: string): Client {
  if ('skipped' in s3) throw new Error(s3.skipped);
  const { hostname, port } = new URL(s3.endpoint);
  return new Client({ endPoint: hostname, port: Number(port), useSSL: false, accessKey: s3.accessKey, secretKey });
}

describeWhen(there)('the private S3 server', () => {
  const secret = 'skipped' in s3 ? '' : s3.secretKey;
  const bucket = `test-${randomBytes(6).toString('hex')}`;

  it('gives back what was put, in parts too', async () => {
    const store = client(secret);
    await store.makeBucket(bucket);
    const body = randomBytes(6 * 1024 * 1024);
    store.partSize = 5 * 1024 * 1024;
    await store.putObject(bucket, 'a/b', body);
    const pieces: Buffer[] = [];
    for await (const piece of await store.getObject(bucket, 'a/b')) pieces.push(piece as Buffer);
    expect(Buffer.concat(pieces).equals(body)).toBe(true);
    await store.removeObject(bucket, 'a/b');
    await store.removeBucket(bucket);
  });

  it('refuses a request whose signature is wrong', async () => {
    await expect(client('wrong').listBuckets()).rejects.toThrow(/signature/i);
  });
});
