import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, requestFingerprint } from './canonical-json.ts';

it('gives one text to one JSON value, whatever the order of its keys', () => {
  expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true })).toBe(
    canonicalJson({ a: true, b: [1, { c: 'x', d: null }] }),
  );
  expect(canonicalJson({ a: [1, 2] })).not.toBe(canonicalJson({ a: [2, 1] }));
});

it('writes canonical JSON that reads back as the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

it('tells requests apart by method, path and body', () => {
  const first = requestFingerprint('POST', '/api/a', { x: 1 });
  expect(requestFingerprint('POST', '/api/a', { x: 1 })).toEqual(first);
  expect(requestFingerprint('POST', '/api/b', { x: 1 })).not.toEqual(first);
  expect(requestFingerprint('PUT', '/api/a', { x: 1 })).not.toEqual(first);
  expect(requestFingerprint('POST', '/api/a', { x: '1' })).not.toEqual(first);
  expect(requestFingerprint('POST', '/api/a', undefined)).not.toEqual(first);
});
