import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseStrict } from './json.ts';
import { Refused } from './refused.ts';

describe('strict JSON', () => {
  it('reads whatever JSON.parse reads, when no key stands twice', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), (text) => {
        expect(parseStrict(text)).toEqual(JSON.parse(text));
        expect(parseStrict(Buffer.from(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    ['twice at the top', '{"a":1,"a":1}'],
    ['twice, written with an escape', '{"id":1,"\\u0069d":2}'],
    ['twice, with other keys between', '{"a":1,"b":{"a":2},"c":[{"a":1}],"a":3}'],
    ['twice, deep down', '{"x":[{"y":{"k":1,"k":2}}]}'],
    ['twice after a string that looks like the end', '{"a":"}\\"","a":2}'],
    ['twice, the key that is a prototype elsewhere', '{"__proto__":1,"__proto__":2}'],
  ])('refuses a key %s', (_name, text) => {
    expect(() => parseStrict(text)).toThrow(
      expect.objectContaining({ reason: 'unreadable', message: 'The file holds a key twice.' }),
    );
  });

  it('keeps apart equal keys of different objects, and strings that are values', () => {
    expect(parseStrict('[{"a":"a"},{"a":["a","a"]},{"A":1,"a":2}]')).toHaveLength(3);
  });

  it('passes over a mark of byte order, as text and as bytes', () => {
    expect(parseStrict('\uFEFF{}')).toEqual({});
    expect(parseStrict(Buffer.from('\uFEFF{}'))).toEqual({});
  });

  it.each([
    ['nothing', ''],
    ['half of it', '{"payload":"abc'],
    ['HTML of a captive portal', '<!doctype html><html></html>'],
    ['two documents', '{}{}'],
    ['a comment', '{} // mine'],
    ['an escape of no letter', '{"\\q":1}'],
    ['a half escape', '{"\\u00":1}'],
    ['a backslash at the end', '{"a\\'],
  ])('refuses %s', (_name, text) => {
    expect(() => parseStrict(text)).toThrow(Refused);
  });

  it('refuses bytes that are no UTF-8', () => {
    expect(() => parseStrict(Buffer.from([0x22, 0xff, 0x22]))).toThrow(
      expect.objectContaining({ reason: 'unreadable' }),
    );
  });

  it('refuses a million brackets at once', () => {
    const began = performance.now();
    expect(() => parseStrict('['.repeat(1_000_000))).toThrow(expect.objectContaining({ reason: 'unreadable' }));
    expect(() => parseStrict('{"a":'.repeat(200_000))).toThrow(expect.objectContaining({ reason: 'unreadable' }));
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it('ends on any text, with a value or a refusal', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', 'a', '1', ' ') }),
        (text) => {
          try {
            parseStrict(text);
          } catch (fault) {
            expect(fault).toBeInstanceOf(Refused);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
