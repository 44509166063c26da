import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { InvalidKey, ObjectDamaged, ObjectDiffers, ObjectMissing } from '../errors.ts';
import type { ObjectStore } from '../object-store.ts';
import { bytesOf, freshKey, type StoreUnderTest } from '../fixtures/store-under-test.ts';

const xml = { contentType: 'application/xml' };
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** What one caller sees of single objects. */
export function keepsObjects(under: StoreUnderTest, open: () => Promise<ObjectStore>): void {
  describe('an object', () => {
    it('comes back as it was put', async () => {
      const store = await open();
      const key = freshKey();
      const body = Buffer.from('<cfdi/>');
      const before = Date.now();
      const stored = await store.put(key, body, { ...xml, metadata: { uuid: 'abc', 'pac-name': 'sandbox' } });
      expect(stored).toEqual({ key, size: 7, sha256: sha256(body), etag: expect.any(String) });
      const expected = { ...stored, ...xml, metadata: { uuid: 'abc', 'pac-name': 'sandbox' } };
      expect(await store.head(key)).toMatchObject(expected);
      const { body: read, modifiedAt, ...rest } = await store.get(key);
      expect(rest).toEqual(expected);
      expect(read.equals(body)).toBe(true);
      expect(Math.abs(modifiedAt.getTime() - before)).toBeLessThan(60_000);
    });

    it('that is not there is told apart from everything else', async () => {
      const store = await open();
      const key = freshKey();
      expect(await store.head(key)).toBeNull();
      await expect(store.get(key)).rejects.toThrow(ObjectMissing);
      await expect(store.stream(key)).rejects.toThrow(ObjectMissing);
      await expect(store.delete(key)).resolves.toBeUndefined();
    });

    it('may be empty', async () => {
      const store = await open();
      const key = freshKey();
      const stored = await store.put(key, Buffer.alloc(0), { contentType: 'text/plain' });
      expect(stored).toMatchObject({ size: 0, sha256: sha256(Buffer.alloc(0)) });
      expect((await store.get(key)).body).toHaveLength(0);
      expect(await (await store.stream(key)).body.toArray()).toEqual([]);
    });

    it.each([
      'ñandú/日本語/año 2026 – José & María.xml',
      'signs/+ 100% ~!*\'();:@=,$#?[]{}^|`<>".xml',
      'dots/.hidden/..two/...three',
      'long/' + 'x'.repeat(255) + '/' + 'é'.repeat(127),
      'emoji/😀.pdf',
    ])('keeps the key %s', async (name) => {
      const store = await open();
      const key = freshKey(name);
      await store.put(key, Buffer.from(name), xml);
      expect((await store.get(key)).body.toString()).toBe(name);
      const { objects } = await store.list(key.slice(0, key.indexOf('/') + 1));
      expect(objects).toEqual([{ key, size: Buffer.byteLength(name), modifiedAt: expect.any(Date) }]);
      await store.delete(key);
      expect(await store.head(key)).toBeNull();
    });

    it('keeps metadata of any text', async () => {
      const store = await open();
      const key = freshKey();
      const metadata = {
        receptor: 'PÚBLICO EN GENERAL – ñ 日本 😀',
        spaces: '  two  and  at the ends ',
        percent: '100%25 %41',
        'only-percent': '%',
        empty: '',
        lines: 'one\ntwo\r\n\tthree\u0000',
        quotes: '"\'<&>\\',
      };
      await store.put(key, Buffer.from('x'), { contentType: 'text/plain; charset=utf-8', metadata });
      expect(await store.head(key)).toMatchObject({ contentType: 'text/plain; charset=utf-8', metadata });
      expect((await store.get(key)).metadata).toEqual(metadata);
    });

    it.each([
      '',
      '/a',
      'a/',
      'a//b',
      '../a',
      'a/../b',
      'a/./b',
      '.nexora/a',
      'a\\b',
      'a\u0000b',
      'a\nb',
      '\ud800',
      'e\u0301',
    ])('is refused under the key %j', async (key) => {
      const store = await open();
      await expect(store.put(key, Buffer.from('x'), xml)).rejects.toThrow(InvalidKey);
      for (const call of [store.get(key), store.stream(key), store.head(key), store.delete(key)])
        await expect(call).rejects.toThrow(InvalidKey);
    });

    it('is gone after its deletion, which may be repeated', async () => {
      const store = await open();
      const key = freshKey();
      await store.put(key, Buffer.from('x'), xml);
      await store.delete(key);
      await store.delete(key);
      expect(await store.head(key)).toBeNull();
      await store.put(key, Buffer.from('y'), xml);
      expect((await store.get(key)).body.toString()).toBe('y');
    });
  });

  describe('putting again', () => {
    it('the same changes nothing', async () => {
      const store = await open();
      const key = freshKey();
      const options = { ...xml, metadata: { a: '1' } };
      const first = await store.put(key, Buffer.from('same'), options);
      const before = await store.head(key);
      expect(await store.put(key, Buffer.from('same'), options)).toEqual(first);
      expect(await store.put(key, Buffer.from('same'), { ...xml, ifAbsent: true })).toEqual(first);
      expect(await store.head(key)).toEqual(before);
    });

    it('other bytes replaces the object', async () => {
      const store = await open();
      const key = freshKey();
      const first = await store.put(key, Buffer.from('old'), { ...xml, metadata: { old: 'yes' } });
      const second = await store.put(key, Buffer.from('newer'), { contentType: 'text/plain' });
      expect(second.etag).not.toBe(first.etag);
      const { body, ...rest } = await store.get(key);
      expect(body.toString()).toBe('newer');
      expect(rest).toMatchObject({ ...second, contentType: 'text/plain', metadata: {} });
    });

    it('the same bytes with other metadata replaces the metadata', async () => {
      const store = await open();
      const key = freshKey();
      await store.put(key, Buffer.from('x'), { ...xml, metadata: { a: '1' } });
      await store.put(key, Buffer.from('x'), { contentType: 'text/xml', metadata: { a: '2' } });
      expect(await store.head(key)).toMatchObject({ contentType: 'text/xml', metadata: { a: '2' } });
    });

    it('what must not change is refused with other bytes, and stays', async () => {
      const store = await open();
      const key = freshKey();
      const first = await store.put(key, Buffer.from('stamped'), { ...xml, ifAbsent: true });
      await expect(store.put(key, Buffer.from('forged'), { ...xml, ifAbsent: true })).rejects.toThrow(ObjectDiffers);
      expect(await store.get(key)).toMatchObject(first);
    });
  });

  describe('bytes that changed behind the store', () => {
    const good = bytesOf(1, 100_000);
    const bad = Buffer.from(good);
    bad[77_777] = (bad[77_777] ?? 0) ^ 1;

    it('are never answered as good', async () => {
      const store = await open();
      const key = freshKey();
      await store.put(key, good, xml);
      await under.damage(key, bad);
      await expect(store.get(key)).rejects.toThrow(ObjectDamaged);
      const reading = async () => (await (await store.stream(key)).body.toArray()) as Buffer[];
      await expect(reading()).rejects.toThrow(ObjectDamaged);
    });

    it.each([true, false])('are mended by putting the right ones again (ifAbsent %s)', async (ifAbsent) => {
      const store = await open();
      const key = freshKey();
      await store.put(key, good, xml);
      await under.damage(key, bad);
      await store.put(key, good, { ...xml, ifAbsent });
      expect((await store.get(key)).body.equals(good)).toBe(true);
    });

    it('do not open a key that must not change to other bytes', async () => {
      const store = await open();
      const key = freshKey();
      await store.put(key, good, xml);
      await under.damage(key, bad);
      await expect(store.put(key, Buffer.from('other'), { ...xml, ifAbsent: true })).rejects.toThrow(ObjectDiffers);
    });
  });

  describe('an object of another program', () => {
    it('is read, without a checksum to judge it by', async () => {
      const store = await open();
      const key = freshKey('photo.jpg');
      const bytes = bytesOf(2, 5_000);
      await under.putForeign(key, bytes);
      expect(await store.head(key)).toMatchObject({ size: 5_000, sha256: null, metadata: {} });
      expect(await store.get(key)).toMatchObject({ sha256: sha256(bytes), body: bytes });
      expect(Buffer.concat((await (await store.stream(key)).body.toArray()) as Buffer[]).equals(bytes)).toBe(true);
    });

    it('counts as the same or not by its bytes', async () => {
      const store = await open();
      const key = freshKey('photo.jpg');
      await under.putForeign(key, Buffer.from('theirs'));
      await expect(store.put(key, Buffer.from('ours'), { ...xml, ifAbsent: true })).rejects.toThrow(ObjectDiffers);
      expect(await store.put(key, Buffer.from('theirs'), { ...xml, ifAbsent: true })).toMatchObject({ size: 6 });
      await store.put(key, Buffer.from('ours'), xml);
      expect(await store.head(key)).toMatchObject({ sha256: sha256(Buffer.from('ours')) });
    });
  });
}
