import { describe, expect, it } from '@jest/globals';
import { isCidr, networks, plainAddress, PRIVATE_CIDRS } from './cidr.ts';

describe('networks that may use the API', () => {
  it.each([
    '127.0.0.1',
    '::1',
    '10.1.2.3',
    '172.31.255.255',
    '192.168.0.7',
    'fd00::1',
    'fe80::1%eth0',
    '::ffff:192.168.0.7',
  ])('lets %s in by default', (address) => {
    expect(networks(PRIVATE_CIDRS)(address)).toBe(true);
  });

  it.each(['8.8.8.8', '172.32.0.1', '2001:db8::1', '::ffff:8.8.8.8', '', 'localhost'])(
    'keeps "%s" out by default',
    (address) => {
      expect(networks(PRIVATE_CIDRS)(address)).toBe(false);
    },
  );

  it('takes a single address for a network of one', () => {
    const isInside = networks(['192.168.1.20']);
    expect(isInside('192.168.1.20')).toBe(true);
    expect(isInside('192.168.1.21')).toBe(false);
  });

  it.each(['192.168.1.0/33', '::/129', 'tienda', '10.0.0.0/', '1.2.3/8', 'fe80::1%eth0/64'])(
    'knows that "%s" is no network',
    (text) => {
      expect(isCidr(text)).toBe(false);
    },
  );
});

it('undresses an IPv4 address that came over IPv6', () => {
  expect(plainAddress('::ffff:10.0.0.1')).toBe('10.0.0.1');
  expect(plainAddress('2001:db8::1')).toBe('2001:db8::1');
});
