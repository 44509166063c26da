import { describe, expect, it } from '@jest/globals';
import { offlineRequestIn, renewalIn } from './offline.ts';
import { OfficeRefused } from './refused.ts';

const request = { id: 'LIC-1', nonce: '1'.repeat(64), binding: ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)] };
const json = JSON.stringify(request);
const encoded = Buffer.from(json).toString('base64url');

describe('a request that is carried by hand', () => {
  it.each([
    ['its JSON', `${json}\n`],
    ['base64url', encoded],
    ['the link that the QR holds', `https://portal.example/v1/offline?request=${encoded}`],
    ['the link with more behind it', `http://127.0.0.1:80/v1/offline?a=1&request=${encoded}&download=1`],
  ])('is read from %s', (_, text) => {
    expect(offlineRequestIn(text)).toEqual(request);
  });

  it.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['a list', '[]'],
    ['a licence', '{"payload":"","signature":"","kid":""}'],
    ['no id', JSON.stringify({ ...request, id: undefined })],
    ['an id that is no text', JSON.stringify({ ...request, id: 1 })],
    ['an empty id', JSON.stringify({ ...request, id: '' })],
    ['an endless id', JSON.stringify({ ...request, id: 'x'.repeat(201) })],
  ])('is refused when it is %s', (_, text) => {
    expect(() => offlineRequestIn(text)).toThrow(OfficeRefused);
  });
});

describe('the body of a request', () => {
  const { nonce, binding } = request;
  it.each([
    ['no object', null, /must be \{"nonce","binding"\}/],
    ['without a nonce', { binding }, /must be \{"nonce","binding"\}/],
    ['with more than it should', { nonce, binding, id: 'x' }, /and nothing else/],
    ['with a short nonce', { nonce: nonce.slice(1), binding }, /nonce must be 64/],
    ['with a nonce in capitals', { nonce: 'A'.repeat(64), binding }, /nonce must be 64/],
    ['with two facts', { nonce, binding: binding.slice(1) }, /binding must be three digests/],
    ['with facts that are no text', { nonce, binding: [1, 2, 3] }, /binding must be three digests/],
    ['with a binding that is no list', { nonce, binding: null }, /binding must be three digests/],
  ])('is refused %s', (_, value, sentence) => {
    expect(() => renewalIn('LIC-1', value)).toThrow(sentence);
  });
});
