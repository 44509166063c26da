import { describe, expect, it } from '@jest/globals';
import { until } from '@nexora/testing';
import { ObjectDiffers, StorageAway } from '../errors.ts';
import type { ObjectStore } from '../object-store.ts';
import { bytesOf, freshKey } from '../fixtures/store-under-test.ts';

const bin = { contentType: 'application/octet-stream' };
const WRITERS = 6;
/** In parts, for the drivers that have them. */
const LARGE = 9 * 1024 * 1024;

/** As a job does: again, while the store says that it cannot now. */
function untilThere(call: () => Promise<unknown>): Promise<unknown> {
  const attempt = () =>
    call().then(
      () => true,
      (error: unknown) => {
        if (error instanceof StorageAway) return false;
        throw error;
      },
    );
  return until(attempt, { what: 'the store to take it' });
}

/** Several writers at once, each with a store of its own, as processes have. */
export function standsWriters(open: () => Promise<ObjectStore>): void {
  const writers = async () =>
    Promise.all(Array.from({ length: WRITERS }, async (_, seed) => ({ seed, store: await open() })));

  describe('writers at the same time', () => {
    it.each([10_000, LARGE])('of %i bytes that must not change: one wins, the others are told', async (size) => {
      const key = freshKey();
      const outcomes = await Promise.allSettled(
        (await writers()).map(({ seed, store }) => store.put(key, bytesOf(seed, size), { ...bin, ifAbsent: true })),
      );
      const won = outcomes.filter((outcome) => outcome.status === 'fulfilled');
      const lost = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason as unknown);
      expect(won).toHaveLength(1);
      expect(lost.every((reason) => reason instanceof ObjectDiffers)).toBe(true);
      expect(await (await open()).get(key)).toMatchObject(won[0]?.value ?? {});
    });

    it('of the same bytes all succeed', async () => {
      const key = freshKey();
      const body = bytesOf(1, 50_000);
      const all = await Promise.all(
        (await writers()).map(({ store }) => store.put(key, body, { ...bin, ifAbsent: true })),
      );
      expect(new Set(all.map(({ etag }) => etag)).size).toBe(1);
    });

    it.each([20_000, LARGE])('that replace each other’s %i bytes leave one of them whole', async (size) => {
      const key = freshKey();
      const all = await writers();
      const stored = await Promise.all(
        all.map(({ seed, store }) =>
          store.put(key, bytesOf(seed, size + seed), { ...bin, metadata: { seed: `${seed}` } }),
        ),
      );
      const { body, metadata, ...rest } = await (await open()).get(key);
      const winner = Number(metadata['seed']);
      expect(body.equals(bytesOf(winner, size + winner))).toBe(true);
      expect(rest).toMatchObject(stored[winner] ?? {});
    });

    it('never show a reader anything but a whole object of one of them', async () => {
      const key = freshKey();
      const [first, ...others] = await writers();
      await first?.store.put(key, bytesOf(0, 30_000), { ...bin, metadata: { seed: '0' } });
      let writing = true;
      const write = others.map(async ({ seed, store }) => {
        for (let round = 0; round < 12; round += 1)
          await store.put(key, bytesOf(seed * 100 + round, 30_000), {
            ...bin,
            metadata: { seed: `${seed * 100 + round}` },
          });
      });
      const read = [1, 2].map(async () => {
        const store = await open();
        let reads = 0;
        for (; writing || reads < 10; reads += 1) {
          const { body, metadata } = await store.get(key);
          expect(body.equals(bytesOf(Number(metadata['seed']), 30_000))).toBe(true);
          expect((await store.head(key))?.sha256).toMatch(/^[0-9a-f]{64}$/);
        }
        return reads;
      });
      await Promise.all(write);
      writing = false;
      expect(Math.min(...(await Promise.all(read)))).toBeGreaterThanOrEqual(10);
    });

    it('and one who deletes leave a whole object or none', async () => {
      const key = freshKey();
      const all = await writers();
      await Promise.all(
        all.map(async ({ seed, store }) => {
          for (let round = 0; round < 8; round += 1) {
            await untilThere(() =>
              seed % 2 === 0
                ? store.delete(key)
                : store.put(key, bytesOf(seed, 5_000), { ...bin, metadata: { seed: `${seed}` } }),
            );
          }
        }),
      );
      const store = await open();
      const found = await store.head(key);
      if (found !== null)
        expect((await store.get(key)).body.equals(bytesOf(Number(found.metadata['seed']), 5_000))).toBe(true);
      await store.put(key, Buffer.from('after'), bin);
      expect((await store.get(key)).body.toString()).toBe('after');
    });
  });
}
