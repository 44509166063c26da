import { describe, expect, it } from '@jest/globals';
import { hostname } from 'node:os';
import { allowedHosts, originHost } from './hosts.ts';

const now = (): number => 0;

describe('host names under which the gateway may be called', () => {
  it.each(['localhost', 'LOCALHOST:8080', '127.0.0.1:8080', '[::1]:8080', `${hostname()}:1`, 'localhost.'])(
    'takes %s by default',
    (host) => {
      expect(allowedHosts([], now)(host)).toBe(true);
    },
  );

  it.each(['evil.example', 'localhost.evil.example', '', '127.0.0.1.evil.example:8080', '[::2]', 'localhost:8080:1'])(
    'refuses "%s" by default',
    (host) => {
      expect(allowedHosts([], now)(host)).toBe(false);
    },
  );

  it('takes exactly the configured names when there are some', () => {
    const isAllowed = allowedHosts(['nexora.tienda.lan', '[fd00::1]'], now);
    expect(isAllowed('Nexora.Tienda.LAN:8443')).toBe(true);
    expect(isAllowed('[fd00::1]:8443')).toBe(true);
    expect(isAllowed('localhost')).toBe(false);
  });
});

it('finds the host of an origin and nothing in what is none', () => {
  expect(originHost('https://nexora.lan:8443')).toBe('nexora.lan:8443');
  expect(originHost('null')).toBeNull();
  expect(originHost('file:///etc')).toBeNull();
  expect(originHost('http://user@localhost')).toBeNull();
});
