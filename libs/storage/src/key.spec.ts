import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidKey } from './errors.ts';
import { checkKey, checkPrefix, isKey } from './key.ts';

const SEED = Number(process.env['NEXORA_SEED'] ?? Date.now() % 2 ** 31);

describe('a key of an object', () => {
  it.each([
    'a',
    'cfdi/EKU9003173C9/2026/11/3f2a.xml',
    '.hidden',
    'a/.nexora',
    '...',
    'x'.repeat(255),
    'año/ñ',
    '~',
    ' ',
  ])('may be %s', (key) => {
    expect(isKey(key)).toBe(true);
  });

  it.each([
    ['', /is empty/],
    ['/a', /slash/],
    ['a/', /slash/],
    ['a//b', /slash/],
    ['.', /"\." or "\.\."/],
    ['a/../b', /"\." or "\.\."/],
    ['.nexora', /reserved/],
    ['.nexora/records', /reserved/],
    ['a\u0007b', /control character/],
    ['a\u0085b', /control character/],
    ['a\\b', /backslash/],
    ['a\uffff', /control character/],
    ['\ud83d', /Unicode/],
    ['n\u0303', /NFC/],
    ['x'.repeat(256), /255 bytes/],
    ['é'.repeat(128), /255 bytes/],
    ['a/'.repeat(512) + 'ab', /1024 bytes/],
  ])('must not be %j, and the error says why without the key', (key, reason) => {
    expect(() => checkKey(key)).toThrow(InvalidKey);
    expect(() => checkKey(key)).toThrow(reason);
    if (key.length > 10) expect(() => checkKey(key)).not.toThrow(key);
  });

  it('never leads out of its directory, whatever it is made of', () => {
    const piece = fc.constantFrom('.', '..', '/', '\\', 'a', '\u0000', '%2e', '%2f', '.nexora', '\u2024', '\uff0f');
    const key = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(key, (text) => {
        if (!isKey(text)) return true;
        const { pathname } = new URL(`file:///root/${text.split('/').map(encodeURIComponent).join('/')}`);
        return pathname.startsWith('/root/') && !pathname.startsWith('/root/.nexora/') && !pathname.includes('//');
      }),
      { seed: SEED },
    );
  });

  it('may begin with any text that keys can hold', () => {
    for (const prefix of ['', 'a', 'a/', '/', '..', 'ñ']) expect(() => checkPrefix(prefix)).not.toThrow();
    for (const prefix of ['\u0000', 'a\\', '\udc00']) expect(() => checkPrefix(prefix)).toThrow(InvalidKey);
  });
});
