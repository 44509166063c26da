import { describe, expect, it } from '@jest/globals';
import { Permanent } from '@nexora/agent';
import { InvalidKey, ObjectDiffers, ObjectMissing, StorageAway, StorageRefused } from '@nexora/storage';
import { keeping } from './keeping.ts';

const KEY = 'cfdi/EKU9003173C9/2026/11/x.xml';

describe('what cannot be put into object storage', () => {
  it.each([new InvalidKey('too long'), new ObjectDiffers(KEY)])(
    '%s is for a person: no retry mends it',
    async (error) => {
      const fate: unknown = await keeping(Promise.reject(error)).catch((thrown: unknown) => thrown);
      expect(fate).toBeInstanceOf(Permanent);
      expect(fate).toMatchObject({ code: 'cfdi.storage' });
      expect(String(fate)).not.toContain(KEY);
    },
  );

  it.each([
    ['a full disk', new StorageAway('disk full', { beforeFirstByte: true })],
    ['a store that refuses us', new StorageRefused('no rights')],
    ['an object that is not there', new ObjectMissing(KEY)],
    ['anything else', new Error('else')],
  ])('%s is tried again', async (_what, error) => {
    await expect(keeping(Promise.reject(error))).rejects.toBe(error);
  });
});
