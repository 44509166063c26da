import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidKey } from './errors.ts';
import { checkPutOptions, decodeValue, encodeValue, sameMetadata } from './metadata.ts';

const SEED = Number(process.env['NEXORA_SEED'] ?? Date.now() % 2 ** 31);
const check = (changes: object) => () => checkPutOptions({ contentType: 'text/plain', ...changes });

describe('what comes with a body', () => {
  it.each([
    'application/xml',
    'text/plain; charset=utf-8',
    'application/vnd.api+json',
    'multipart/mixed; boundary="a b"',
  ])('may be of type %s', (contentType) => {
    expect(check({ contentType })).not.toThrow();
  });

  it.each(['', 'xml', 'a/b\r\nx-amz-acl: public-read', 'a/b;', `a/${'b'.repeat(200)}`])(
    'must not be of type %j',
    (contentType) => {
      expect(check({ contentType })).toThrow(InvalidKey);
    },
  );

  it('announces a SHA-256 in one way only', () => {
    expect(check({ sha256: 'a'.repeat(64) })).not.toThrow();
    for (const sha256 of ['', 'A'.repeat(64), 'a'.repeat(63), 'g'.repeat(64)])
      expect(check({ sha256 })).toThrow(InvalidKey);
  });

  it.each(['A', 'a_b', 'año', '', '-a', 'a-', 'a b', 'nexora-sha256', 'x'.repeat(65)])(
    'has no metadata named %j',
    (name) => {
      expect(check({ metadata: { [name]: 'x' } })).toThrow(InvalidKey);
    },
  );

  it('has metadata of 1,500 bytes at most, of valid text, and says which is not', () => {
    expect(check({ metadata: { a: 'x'.repeat(1_499) } })).not.toThrow();
    expect(check({ metadata: { a: 'x'.repeat(1_500) } })).toThrow(/1500 bytes/);
    expect(check({ metadata: { a: 'ñ'.repeat(260) } })).toThrow(/1500 bytes/);
    expect(check({ metadata: { rfc: '' } })).not.toThrow();
    expect(check({ metadata: { rfc: '\ud800' } })).toThrow(/rfc/);
  });
});

describe('a value in a header', () => {
  it('is plain ASCII without edges, and comes back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        const header = encodeValue(value);
        return /^[!-~]+(?: [!-~]+)*$/.test(header) && decodeValue(header) === value;
      }),
      { seed: SEED },
    );
  });

  it('stays readable when it is plain', () => {
    expect(encodeValue('sandbox PAC 1')).toBe('sandbox PAC 1');
  });

  it('of another program comes as it is', () => {
    expect(decodeValue('100% sure')).toBe('100% sure');
  });
});

describe('two sets of metadata', () => {
  it('are the same whatever their order', () => {
    expect(sameMetadata({ a: '1', b: '2' }, { b: '2', a: '1' })).toBe(true);
    expect(sameMetadata({ a: '1' }, { a: '1', b: '2' })).toBe(false);
    expect(sameMetadata({ a: '1' }, { b: '1' })).toBe(false);
  });
});
