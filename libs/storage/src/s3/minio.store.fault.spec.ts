import { inspect } from 'node:util';
import { Readable } from 'node:stream';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { describeWhen, TcpProxy, until } from '@nexora/testing';
import { bytesOf, freshKey } from '../fixtures/store-under-test.ts';
import {
  bareClient,
  emptyBucket,
  freshBucket,
  openWith,
  s3Env,
  s3There,
  server,
} from '../conformance/s3-server.conformance.ts';
import { InvalidKey, ObjectMissing, StorageAway, StorageRefused } from '../errors.ts';
import type { ObjectStore } from '../object-store.ts';

const ALL = process.env['NEXORA_FAULTS'] === 'all';
const bin = { contentType: 'application/octet-stream' };
const bucket = freshBucket();
const large = bytesOf(3, 20 * 1024 * 1024);
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});
afterAll(() => emptyBucket(bucket));

async function opened(changes: Readonly<Record<string, string>> = {}): Promise<ObjectStore> {
  const store = await openWith(s3Env(bucket, changes));
  ends.push(() => store.close());
  return store;
}

/** A store behind a line that can be cut. */
async function behindLine(): Promise<{ store: ObjectStore; line: TcpProxy }> {
  const line = await TcpProxy.to(server.endpoint);
  const store = await openWith(s3Env(bucket, { S3_ENDPOINT: new URL(line.through(server.endpoint)).origin }));
  ends.push(async () => {
    await line.restore();
    await store.close();
    await until(() => line.connections === 0, { what: 'the connections to end' });
    await line.end();
  });
  return { store, line };
}

/** Gives the pieces of a body, and tells when half of them were taken. */
function halfway(bytes: Buffer): { source: Readable; half: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let at = 0;
  const source = new Readable({
    read() {
      const piece = bytes.subarray(at, (at += 100_000));
      if (at > bytes.length / 2) resolve();
      this.push(piece.length === 0 ? null : piece);
    },
  });
  return { source, half: promise };
}

const away = (beforeFirstByte: boolean) =>
  expect.objectContaining({ name: 'StorageAway', code: 'storage.away', retryable: true, beforeFirstByte });

describeWhen(s3There)('an S3 server that is away', () => {
  it('is told by every call as a passing thing that left nothing, and all goes on when it is back', async () => {
    const { store, line } = await behindLine();
    const key = freshKey();
    await store.put(key, Buffer.from('x'), bin);
    await line.cut();
    const calls = [
      () => store.put(key, Buffer.from('y'), bin),
      () => store.put(key, Readable.from([large]), bin),
      () => store.get(key),
      () => store.stream(key),
      () => store.head(key),
      () => store.list(''),
      () => store.delete(key),
      () => store.probe(),
    ];
    for (const call of calls) await expect(call()).rejects.toEqual(away(true));
    await line.restore();
    expect((await store.get(key)).body.toString()).toBe('x');
    await store.probe();
  });

  it('in the middle of an upload leaves the old object, no rest, and takes the body later', async () => {
    const { store, line } = await behindLine();
    const key = freshKey();
    await store.put(key, Buffer.from('old'), bin);
    line.latency(5);
    const { source, half } = halfway(large);
    const put = store.put(key, source, { ...bin, sha256: undefined });
    const failed = expect(put).rejects.toEqual(away(false));
    await half;
    await until(() => line.connections > 0, { what: 'a part to be on its way' });
    await line.cut();
    await failed;
    await line.restore();
    expect((await store.get(key)).body.toString()).toBe('old');
    expect(await store.put(key, Readable.from([large]), bin)).toMatchObject({ size: large.length });
  });

  it('for a moment only does not cost a large upload', async () => {
    const { store, line } = await behindLine();
    const key = freshKey();
    const { sha256 } = await store.put(freshKey(), large, bin);
    const { source, half } = halfway(large);
    const put = store.put(key, source, { ...bin, sha256 });
    await half;
    await line.cut();
    await line.restore();
    expect(await put).toMatchObject({ size: large.length, sha256 });
    expect(await store.head(key)).toMatchObject({ sha256 });
  });

  it('in the middle of a download ends the stream with an error, not early', async () => {
    const { store, line } = await behindLine();
    const key = freshKey();
    await store.put(key, large, bin);
    line.latency(2);
    const { body } = await store.stream(key);
    const read = (async () => {
      let size = 0;
      for await (const piece of body) {
        size += (piece as Buffer).length;
        if (size > 1_000_000) await line.cut();
      }
    })();
    await expect(read).rejects.toEqual(away(false));
    expect((await (await opened()).get(key)).body.equals(large)).toBe(true);
  });

  it('and silent does not hold up a probe, nor a call that is given up', async () => {
    const { store, line } = await behindLine();
    const key = freshKey();
    await store.put(key, Buffer.from('x'), bin);
    line.halfOpen();
    const start = performance.now();
    await expect(store.probe()).rejects.toThrow(StorageAway);
    expect(performance.now() - start).toBeLessThan(4_000);
    const reason = new Error('given up');
    const control = new AbortController();
    const put = store.put(key, Buffer.from('y'), { ...bin, signal: control.signal });
    control.abort(reason);
    await expect(put).rejects.toBe(reason);
    if (ALL) await expect(store.head(key)).rejects.toEqual(away(false));
  }, 60_000);
});

describeWhen(s3There)('an S3 server that refuses us', () => {
  it.each([
    ['access key', { S3_ACCESS_KEY: 'nobody-has-this-key' }, /access key.*S3_ACCESS_KEY/],
    ['secret key', { S3_SECRET_KEY: 'this-is-not-the-secret' }, /signature.*S3_SECRET_KEY/],
  ])('because of the %s says which setting to correct, and shows none of them', async (_, changes, sentence) => {
    const store = await opened(changes);
    const calls = [
      store.put('a', Buffer.from('x'), bin),
      store.put('a', Readable.from([large]), bin),
      store.get('a'),
      store.head('a'),
      store.list(''),
      store.delete('a'),
      store.probe(),
    ];
    const errors = (await Promise.allSettled(calls)).map(
      (outcome) => (outcome as PromiseRejectedResult).reason as Error,
    );
    // An answer to HEAD has no body, so that a put, which asks first, cannot tell the two apart.
    for (const error of errors) expect(error).toBeInstanceOf(StorageRefused);
    expect(errors.at(-1)?.message).toMatch(sentence);
    const shown = inspect(errors, { depth: 9, showHidden: true });
    for (const secret of [...Object.values(changes), server.accessKey, server.secretKey])
      expect(shown).not.toContain(secret);
  });

  it('because the bucket is missing is told when it must not be made', async () => {
    const env = s3Env(freshBucket(), { S3_MAKE_BUCKET: 'false' });
    const store = await openWith(env);
    ends.push(() => store.close());
    const put = () => store.put('a', Buffer.from('x'), bin);
    for (const call of [put, () => store.get('a'), () => store.list(''), () => store.probe()])
      await expect(call()).rejects.toThrow(/no such bucket.*S3_BUCKET/);
  });

  it('makes a missing bucket at the first put, small or large, by two at once too', async () => {
    for (const body of [Buffer.from('x'), large]) {
      const env = s3Env(freshBucket());
      const stores = [await openWith(env), await openWith(env)];
      for (const store of stores) {
        ends.push(() => store.close());
        await store.probe();
        expect(await store.list('')).toEqual({ objects: [], cursor: null });
        await expect(store.get('a')).rejects.toThrow(ObjectMissing);
        await store.delete('a');
      }
      // As jobs do: once more when the server stumbles over the bucket that the other is just making.
      const put = async () => Promise.all(stores.map((store, index) => store.put(`a${index}`, body, bin)));
      expect(await until(put, { what: 'both puts' })).toHaveLength(2);
      await Promise.all(stores.map((store, index) => store.delete(`a${index}`)));
    }
  });

  it('because a key is the folder of another is the caller’s mistake', async () => {
    const store = await opened();
    const key = freshKey();
    await store.put(`${key}/b`, Buffer.from('x'), bin);
    await expect(store.put(`${key}/b/c`, Buffer.from('x'), bin)).rejects.toThrow(InvalidKey);
  });
});

describeWhen(s3There)('an upload in parts', () => {
  const unfinished = (key: string) => bareClient().findUploadId(bucket, key);

  it('that fails is given up on the server too', async () => {
    const store = await opened();
    const key = freshKey();
    await expect(store.put(key, Readable.from([large]), { ...bin, sha256: 'a'.repeat(64) })).rejects.toThrow(/SHA-256/);
    expect(await unfinished(key)).toBeUndefined();
  });

  it('never goes on with one that another process has under the same key', async () => {
    const client = bareClient();
    const store = await opened();
    await store.put(freshKey(), Buffer.from('x'), bin); // the bucket is there
    const key = freshKey();
    const uploadID = await client.initiateNewMultipartUpload(bucket, key, { 'content-type': 'text/plain' });
    const theirs = { bucketName: bucket, objectName: key, uploadID, partNumber: 1, headers: {} };
    await client.uploadPart(theirs, bytesOf(9, 5 * 1024 * 1024));
    await store.put(key, large, bin);
    expect((await store.get(key)).body.equals(large)).toBe(true);
    expect(await unfinished(key)).toBe(uploadID);
    await client.abortMultipartUpload(bucket, key, uploadID);
  });
});

describe('settings of an S3 server', () => {
  it('cost nothing until the first call', async () => {
    const store = await openWith(s3Env('objects', { S3_ENDPOINT: 'http://127.0.0.1:9' }));
    expect(store.place).toBe('s3://objects at http://127.0.0.1:9');
    await expect(store.probe()).rejects.toEqual(away(true));
    await store.close();
  });
});
