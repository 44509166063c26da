import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { faultOfPoint } from './curve.ts';
import { kidOf, rawPublicKey, readKeys, type KeyFault } from './keys.ts';

const fresh = (): string => rawPublicKey(generateKeyPairSync('ed25519').privateKey).toString('hex');
const faults = (setting: string): [number, KeyFault][] =>
  readKeys(setting).refused.map(({ position, fault }) => [position, fault]);

/** y, little endian, of every encoding of a point of small order; sign bit clear. */
const SMALL = [
  `00${'00'.repeat(31)}`,
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
];
const withSign = (hex: string): string => hex.slice(0, 62) + (parseInt(hex.slice(62), 16) | 0x80).toString(16);

describe('LICENSE_PUBLIC_KEY_HEX', () => {
  it('is one key of exactly 64 hex digits, in either case', () => {
    const hex = fresh();
    for (const written of [hex, hex.toUpperCase(), ` ${hex}\n`]) {
      const { keyring, refused } = readKeys(written);
      expect([...keyring.keys()]).toEqual([kidOf(Buffer.from(hex, 'hex'))]);
      expect(refused).toEqual([]);
    }
  });

  it('is several, separated by commas, while keys rotate', () => {
    const [a, b, c] = [fresh(), fresh(), fresh()];
    expect(readKeys(`${a},${b} , ${c}`).keyring.size).toBe(3);
  });

  it.each(['', '   '])('is no key at all when empty (%j), without a complaint', (setting) => {
    expect(readKeys(setting)).toEqual({ keyring: new Map(), refused: [] });
  });

  it('names each key that does not serve, and lets the others serve', () => {
    const good = fresh();
    const setting = [`${good}00`, good.slice(1), `${good.slice(0, 63)}g`, good, good.toUpperCase(), SMALL[0], ''].join(
      ',',
    );
    const { keyring, refused } = readKeys(setting);
    expect([...keyring.values()].map(({ raw }) => raw.toString('hex'))).toEqual([good]);
    expect(refused.map(({ position, start, fault }) => [position, start, fault])).toEqual([
      [1, good.slice(0, 8), 'length'],
      [2, good.slice(1, 9), 'length'],
      [3, good.slice(0, 8), 'digit'],
      [5, good.slice(0, 8).toUpperCase(), 'duplicate'],
      [6, '00000000', 'small order'],
      [7, '', 'length'],
    ]);
    for (const { why } of refused) expect([why.es, why.en].every((sentence) => sentence.length > 10)).toBe(true);
  });

  it.each([...SMALL, ...SMALL.map(withSign)])('refuses the point of small order %s', (hex) => {
    expect(faults(hex)).toEqual([[1, 'small order']]);
    expect(readKeys(hex).keyring.size).toBe(0);
  });

  it.each(Array.from({ length: 17 }, (_, above) => (0xef + above).toString(16)))(
    'refuses a y that is not canonical: %s ff … ff 7f',
    (low) => {
      const hex = `${low}${'ff'.repeat(30)}7f`;
      expect([faults(hex), faults(withSign(hex))]).toEqual([[[1, 'not canonical']], [[1, 'not canonical']]]);
    },
  );

  it('refuses a y of no point, and takes every key that is generated', () => {
    expect(faults(`02${'00'.repeat(31)}`)).toEqual([[1, 'not on the curve']]);
    for (let n = 0; n < 50; n += 1) expect(faultOfPoint(Buffer.from(fresh(), 'hex'))).toBeNull();
  });

  it('takes the keys of RFC 8032 §7.1', () => {
    const published = [
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    ];
    expect(readKeys(published.join(',')).keyring.size).toBe(3);
  });

  it('finds about half of all y to be no point', () => {
    const missing = Array.from({ length: 256 }, (_, n) => Buffer.alloc(32, n & 0x7f, 'latin1').fill(n, 0, 1)).filter(
      (raw) => faultOfPoint(raw) === 'not on the curve',
    );
    expect(missing.length).toBeGreaterThan(90);
    expect(missing.length).toBeLessThan(166);
  });
});
