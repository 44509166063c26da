import { BlockList, isIP } from 'node:net';

/** Loopback, private and link-local ranges (RFC 1918, RFC 4193, RFC 3927, RFC 4291): who may use the API by default. */
export const PRIVATE_CIDRS = [
  '127.0.0.0/8',
  '::1/128',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
];

/** Whether the text is a network such as `192.168.0.0/16` or a single address. */
export function isCidr(text: string): boolean {
  return parseCidr(text) !== null;
}

/**
 * Answers whether an address is in one of the networks.
 * @throws RangeError when an entry is no network; settings are checked before.
 */
export function networks(cidrs: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const parsed = parseCidr(cidr);
    if (parsed === null) throw new RangeError('not a network');
    list.addSubnet(parsed.address, parsed.prefix, parsed.family);
  }
  return (address) => {
    const plain = plainAddress(address);
    return isIP(plain) !== 0 && list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
  };
}

/** An address without the IPv6 dress that a dual-stack socket gives to IPv4, and without a zone (`fe80::1%eth0`). */
export function plainAddress(address: string): string {
  const zoneless = address.split('%')[0] ?? address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(zoneless)?.[1];
  return mapped ?? zoneless;
}

function parseCidr(text: string): { address: string; prefix: number; family: 'ipv4' | 'ipv6' } | null {
  const match = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text);
  const address = match?.[1] ?? '';
  const version = isIP(address);
  if (version === 0 || address.includes('%')) return null;
  const bits = version === 4 ? 32 : 128;
  const prefix = match?.[2] === undefined ? bits : Number(match[2]);
  return prefix > bits ? null : { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}
