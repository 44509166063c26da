import { describe, expect, it } from '@jest/globals';
import { openCrl, openLicense, openReply } from './documents.ts';
import { Refused } from './refused.ts';
import { CRL, LICENSE, MACHINE, REPLY, Vendor } from './vendor.conformance.ts';

const vendor = new Vendor();
const license = (changes: object): unknown =>
  openLicense(vendor.seal('license', { ...LICENSE, ...changes }), vendor.keyring);
const crl = (changes: object): unknown => openCrl(vendor.seal('crl', { ...CRL, ...changes }), vendor.keyring);
const timeOf = (written: string): string | undefined =>
  vendor.license({ issuedAt: written as unknown as Date }).content.issuedAt.toISOString();

describe('a licence', () => {
  it('is read as it was signed, times as times', () => {
    expect(vendor.license({ binding: MACHINE }).content).toEqual({ ...LICENSE, binding: MACHINE });
  });

  it('is known by the SHA-256 of its payload', () => {
    expect(vendor.license().sha256).toBe(vendor.license().sha256);
    expect(vendor.license({ plan: 'otro' }).sha256).not.toBe(vendor.license().sha256);
  });

  it.each(Object.keys(LICENSE))('needs %s', (key) => {
    expect(() => license({ [key]: undefined })).toThrow(Refused);
  });

  it.each<[string, object]>([
    ['no id', { id: '' }],
    ['an id that climbs in an address', { id: '..' }],
    ['an id with a line break', { id: 'a\nb' }],
    ['an id with half a character', { id: '\ud800' }],
    ['a customer with a zero byte', { customer: 'a\u0000b' }],
    ['a number for a plan', { plan: 7 }],
    ['features that are no list', { entitlements: { features: 'all', quantities: {} } }],
    ['a quantity that is text', { entitlements: { features: [], quantities: { usuarios: '5' } } }],
    ['two digests', { binding: MACHINE.slice(1) }],
    ['four digests', { binding: [...MACHINE, MACHINE[0]] }],
    ['a digest that is no hex', { binding: ['xyz', MACHINE[1], MACHINE[2]] }],
    ['a negative list number', { minCrl: -1 }],
    ['half a list number', { minCrl: 1.5 }],
    ['a list number beyond what is exact', { minCrl: 2 ** 53 }],
  ])('is refused with %s', (_name, changes) => {
    expect(() => license(changes)).toThrow(expect.objectContaining({ reason: 'unreadable' }));
  });

  it('says where it is not of the agreed shape', () => {
    expect(() => license({ entitlements: { features: [7], quantities: {} } })).toThrow('entitlements.features.0');
  });

  it('passes over what a newer tool of the vendor adds', () => {
    expect(vendor.license({ alg: 'none', note: 'x' } as object).content).toEqual(LICENSE);
  });

  it('may have quantities of any name, and none of them becomes a prototype', () => {
    const payload = JSON.stringify(LICENSE).replace('"usuarios":5', '"__proto__":5,"constructor":6');
    const { content } = openLicense(vendor.seal('license', JSON.parse(payload) as object), vendor.keyring);
    expect(content.entitlements.quantities['constructor']).toBe(6);
    expect(Object.getPrototypeOf(content.entitlements.quantities)).toBe(Object.prototype);
  });
});

describe('a time', () => {
  it.each([
    ['2026-11-21T12:00:00Z', '2026-11-21T12:00:00.000Z'],
    ['2026-11-21T12:00:00.5Z', '2026-11-21T12:00:00.500Z'],
    ['2026-11-21T12:00:00.123456Z', '2026-11-21T12:00:00.123Z'],
    ['2026-11-21T12:00:00.123456+00:00', '2026-11-21T12:00:00.123Z'],
    ['2028-02-29T23:59:59Z', '2028-02-29T23:59:59.000Z'],
  ])('%s is ISO 8601 in UTC', (written, read) => {
    expect(timeOf(written)).toBe(read);
  });

  it.each([
    '2026-11-21',
    '2026-11-21T12:00:00',
    '2026-11-21T12:00:00-06:00',
    '2026-11-21 12:00:00Z',
    '2026-02-29T12:00:00Z',
    '2026-02-30T12:00:00Z',
    '2026-13-01T12:00:00Z',
    '2026-11-21T24:00:00Z',
    '2026-11-21T12:00:60Z',
    '+002026-11-21T12:00:00Z',
    '2026-11-21T12:00:00.Z',
    'Sat, 21 Nov 2026 12:00:00 GMT',
    '',
  ])('%j is not', (written) => {
    expect(() => timeOf(written)).toThrow(Refused);
  });
});

describe('a revocation list', () => {
  it('is read as it was signed; a series that is a number is known by its digits', () => {
    expect(vendor.crl().content).toEqual(CRL);
    expect(vendor.crl({ series: 3 as unknown as string }).content.series).toBe('3');
  });

  it.each(Object.keys(CRL))('needs %s', (key) => {
    expect(() => crl({ [key]: undefined })).toThrow(Refused);
  });

  it('may be as long as its limit of 1 MiB lets it', () => {
    const revoked = Array.from({ length: 30_000 }, (_, n) => `lic-${String(n).padStart(8, '0')}`);
    expect(vendor.crl({ revoked }).content.revoked).toHaveLength(30_000);
  });
});

describe('a reply', () => {
  it('is read as it was signed, what it says to people on one line', () => {
    expect(vendor.reply().content).toEqual(REPLY);
    const refusal = { code: 'revoked', message: 'Fin\nde contrato' };
    expect(vendor.reply({ refusal }).content.refusal).toEqual({ code: 'revoked', message: 'Fin de contrato' });
  });

  it.each(Object.keys(REPLY))('needs %s', (key) => {
    const envelope = vendor.seal('reply', { ...REPLY, [key]: undefined });
    expect(() => openReply(envelope, vendor.keyring, new Map([[REPLY.nonce, REPLY.licenseId]]))).toThrow(Refused);
  });
});
