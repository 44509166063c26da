import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Vault, VaultClosed } from './vault.ts';

describe('keys at rest', () => {
  const key = randomBytes(32);
  const vault = new Vault(key);
  const locked = vault.lock(Buffer.from('una llave'), 'csd A 1');

  it('come back with the same key and label', () => {
    expect(new Vault(key).open(locked, 'csd A 1').toString()).toBe('una llave');
    expect(locked.includes('una llave')).toBe(false);
  });

  it('look different every time', () => {
    expect(vault.lock(Buffer.from('una llave'), 'csd A 1').equals(locked)).toBe(false);
  });

  it('stay closed to another key, another label, and when a bit was changed', () => {
    expect(() => new Vault(randomBytes(32)).open(locked, 'csd A 1')).toThrow(VaultClosed);
    expect(() => vault.open(locked, 'csd B 1')).toThrow(VaultClosed);
    for (const at of [0, 15, locked.length - 1]) {
      const spoilt = Buffer.from(locked);
      spoilt[at]! ^= 1;
      expect(() => vault.open(spoilt, 'csd A 1')).toThrow(VaultClosed);
    }
    expect(() => vault.open(Buffer.alloc(5), 'csd A 1')).toThrow(VaultClosed);
  });
});
