import { describe, expect, it } from '@jest/globals';
import { InvalidKey } from '../errors.ts';
import type { ObjectStore } from '../object-store.ts';
import { freshKey } from '../fixtures/store-under-test.ts';

const text = { contentType: 'text/plain' };
/** In the order of their bytes, which is not that of folders and files. */
const names = ['A', 'Z/1', 'a-b', 'a.txt', 'a/1', 'a/b/2', 'a/b0', 'a0', 'b', 'ñ/1', '日'];

async function allPages(store: ObjectStore, prefix: string, limit: number): Promise<string[]> {
  const keys: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await store.list(prefix, cursor, limit);
    expect(page.objects.length).toBeLessThanOrEqual(limit);
    keys.push(...page.objects.map(({ key }) => key));
    ({ cursor } = page);
  } while (cursor !== null);
  return keys;
}

/** What a listing promises. */
export function listsObjects(open: () => Promise<ObjectStore>): void {
  describe('a listing', () => {
    it.each([1, 2, 3, 4, 1_000])('gives every key once, in the order of its bytes, %i to a page', async (limit) => {
      const store = await open();
      const folder = freshKey('');
      for (const name of [...names].reverse()) await store.put(folder + name, Buffer.from(name), text);
      expect(await allPages(store, folder, limit)).toEqual(names.map((name) => folder + name));
      expect(await allPages(store, `${folder}a`, limit)).toEqual(
        names.filter((name) => name.startsWith('a')).map((name) => folder + name),
      );
      expect(await allPages(store, `${folder}a/b`, limit)).toEqual([`${folder}a/b/2`, `${folder}a/b0`]);
    });

    it('tells sizes and times', async () => {
      const store = await open();
      const key = freshKey();
      await store.put(key, Buffer.from('12345'), text);
      const { objects } = await store.list(key);
      expect(objects).toEqual([{ key, size: 5, modifiedAt: expect.any(Date) }]);
      const { modifiedAt } = await store.get(key);
      expect(Math.abs(modifiedAt.getTime() - (objects[0]?.modifiedAt.getTime() ?? 0))).toBeLessThan(1_000);
    });

    it('of nothing is empty', async () => {
      const store = await open();
      for (const prefix of [freshKey(''), '../', '/', 'a//b', '.nexora/', '%2e%2e/'])
        expect(await store.list(prefix)).toEqual({ objects: [], cursor: null });
    });

    it('goes on after what was deleted meanwhile', async () => {
      const store = await open();
      const folder = freshKey('');
      for (const name of ['1', '2', '3', '4']) await store.put(folder + name, Buffer.from(name), text);
      const first = await store.list(folder, null, 2);
      for (const name of ['1', '2', '3']) await store.delete(folder + name);
      const next = await store.list(folder, first.cursor, 2);
      expect(next.objects.map(({ key }) => key)).toEqual([`${folder}4`]);
    });

    it('refuses limits and cursors that are none', async () => {
      const store = await open();
      for (const limit of [0, 1_001, 1.5, Number.NaN])
        await expect(store.list('', null, limit)).rejects.toThrow(InvalidKey);
      for (const cursor of ['', '!', 'YQ=', 'gA']) await expect(store.list('', cursor)).rejects.toThrow(InvalidKey);
      await expect(store.list('a\u0000b')).rejects.toThrow(InvalidKey);
    });
  });
}
