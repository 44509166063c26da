import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { InvalidKey, WrongChecksum } from '../errors.ts';
import type { ObjectStore } from '../object-store.ts';
import { bytesOf, freshKey } from '../fixtures/store-under-test.ts';

const LARGE = 20 * 1024 * 1024 + 4_321;
const bin = { contentType: 'application/octet-stream' };
const large = bytesOf(7, LARGE);
const largeSha = createHash('sha256').update(large).digest('hex');

/** A stream of pieces of uneven length that may fail on its way. */
function pieces(bytes: Buffer, failAt = Infinity, fail: (stream: Readable) => void = () => undefined): Readable {
  let at = 0;
  return new Readable({
    read() {
      if (at >= failAt) return fail(this);
      const piece = bytes.subarray(at, at + 60_001);
      at += piece.length;
      this.push(piece.length === 0 ? null : piece);
    },
  });
}

async function readSha(store: ObjectStore, key: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of (await store.stream(key)).body) hash.update(piece as Buffer);
  return hash.digest('hex');
}

/** Bodies that come and go as streams. */
export function streamsBodies(open: () => Promise<ObjectStore>): void {
  describe('a body as a stream', () => {
    it.each([undefined, largeSha])('of 20 MB arrives whole, its SHA-256 announced as %s', async (sha256) => {
      const store = await open();
      const key = freshKey('backup.dump');
      const stored = await store.put(key, pieces(large), { ...bin, ...(sha256 && { sha256 }), metadata: { n: '1' } });
      expect(stored).toMatchObject({ size: LARGE, sha256: largeSha });
      expect(await store.head(key)).toMatchObject({ ...stored, metadata: { n: '1' } });
      expect(await readSha(store, key)).toBe(largeSha);
      const again = pieces(large);
      expect(await store.put(key, again, { ...bin, sha256: largeSha, metadata: { n: '1' } })).toEqual(stored);
      expect(again.destroyed).toBe(true);
    });

    it('may be short, empty or made of text', async () => {
      const store = await open();
      const key = freshKey();
      await store.put(key, Readable.from(['año', ' ', Buffer.from('2026')]), bin);
      expect((await store.get(key)).body.toString()).toBe('año 2026');
      await store.put(key, Readable.from([]), bin);
      expect((await store.get(key)).body).toHaveLength(0);
      await expect(store.put(key, Readable.from([{ no: 'bytes' }]), bin)).rejects.toThrow(InvalidKey);
    });

    it('may be left half read', async () => {
      const store = await open();
      const key = freshKey();
      await store.put(key, large, bin);
      const { body } = await store.stream(key);
      for await (const piece of body) {
        expect(piece).toBeInstanceOf(Buffer);
        break;
      }
      expect(body.destroyed).toBe(true);
      expect(await store.head(key)).toMatchObject({ sha256: largeSha });
    });
  });

  describe('a body that is not what it should be', () => {
    it.each([100, LARGE])('of %i bytes is not stored under a checksum of others', async (size) => {
      const store = await open();
      const key = freshKey();
      const put = (body: Buffer | Readable) => store.put(key, body, { ...bin, sha256: 'a'.repeat(64) });
      await expect(put(large.subarray(0, size))).rejects.toThrow(WrongChecksum);
      await expect(put(pieces(large.subarray(0, size)))).rejects.toThrow(WrongChecksum);
      expect(await store.head(key)).toBeNull();
    });

    it.each([150_000, LARGE - 100_000])(
      'and fails after %i bytes leaves the old object, and its own error',
      async (failAt) => {
        const store = await open();
        const key = freshKey();
        await store.put(key, Buffer.from('old'), bin);
        const failure = Object.assign(new Error('pg_dump was killed'), { code: 'ENOSPC' });
        const source = pieces(large, failAt, (stream) => stream.destroy(failure));
        await expect(store.put(key, source, { ...bin, sha256: largeSha })).rejects.toBe(failure);
        expect((await store.get(key)).body.toString()).toBe('old');
      },
    );

    it('and closes before its end is not taken for a whole one', async () => {
      const store = await open();
      const key = freshKey();
      const source = pieces(large, 9_000_000, (stream) => stream.destroy());
      await expect(store.put(key, source, bin)).rejects.toThrow(/premature close/i);
      expect(await store.head(key)).toBeNull();
    });
  });

  describe('a call that is given up', () => {
    it.each([0, 100_000, 12_000_000])(
      'after %i bytes ends at once with the reason, and nothing was stored',
      async (after) => {
        const store = await open();
        const key = freshKey();
        const control = new AbortController();
        const reason = new Error('the shop closes');
        const source = pieces(large, after, () => control.abort(reason)); // and then stays silent
        await expect(store.put(key, source, { ...bin, sha256: largeSha, signal: control.signal })).rejects.toBe(reason);
        expect(source.destroyed).toBe(true);
        expect(await store.head(key)).toBeNull();
        await expect(store.get(key, { signal: control.signal })).rejects.toBe(reason);
        await expect(store.head(key, { signal: control.signal })).rejects.toBe(reason);
      },
    );

    it('while it is read ends the stream', async () => {
      const store = await open();
      const key = freshKey();
      await store.put(key, large, bin);
      const control = new AbortController();
      const { body } = await store.stream(key, { signal: control.signal });
      const reading = body.toArray();
      control.abort();
      await expect(reading).rejects.toThrow(/abort/i);
    });
  });
}
