import { describe, expect, it } from '@jest/globals';
import { unexpected } from './expectation.ts';

describe('an answer to the heartbeat', () => {
  it.each([
    [200, 'OK', 'OK'],
    [200, 'OK\r\n', 'OK'],
    [204, '', ''],
    [299, 'anything', ''],
  ])('with status %i and body %j proves the Internet when %j is expected', (status, body, expected) => {
    expect(unexpected({ status, body }, expected)).toBeUndefined();
  });

  it.each([
    [302, '', ''],
    [511, '<html>', ''],
    [404, 'OK', 'OK'],
    [200, '<html>OK, please sign in</html>', 'OK'],
    [200, '', 'OK'],
  ])('with status %i and body %j proves nothing when %j is expected', (status, body, expected) => {
    expect(unexpected({ status, body }, expected)).toMatch(/^answered with/);
  });

  it('is never repeated in the complaint', () => {
    expect(unexpected({ status: 200, body: 'ana@example.mx' }, 'OK')).not.toContain('ana');
  });
});
