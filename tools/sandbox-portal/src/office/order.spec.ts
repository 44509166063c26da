import { describe, expect, it } from '@jest/globals';
import { licenseOf, renewedLicense, timeIn, type Order } from './order.ts';
import { OfficeRefused } from './refused.ts';

const now = new Date('2026-11-21T18:00:00.000Z');
const order: Order = { customer: 'Tienda', rfc: 'EKU9003173C9' };

describe('an order', () => {
  it('becomes a document with two lifetimes: 30 days for the file, a year for the contract', () => {
    expect(licenseOf(order, now)).toEqual({
      id: expect.stringMatching(/^LIC-[0-9A-F]{16}$/),
      customer: 'Tienda',
      rfc: 'EKU9003173C9',
      plan: 'sandbox',
      entitlements: { features: [], quantities: {} },
      binding: null,
      issuedAt: '2026-11-21T18:00:00.000Z',
      notBefore: '2026-11-21T18:00:00.000Z',
      validUntil: '2026-12-21T18:00:00.000Z',
      paidUntil: '2027-11-21T18:00:00.000Z',
      minCrl: 0,
    });
  });

  it('says what it is told', () => {
    const binding = ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)] as const;
    const told = {
      ...order,
      id: 'shop-1',
      plan: 'pro',
      features: ['cfdi', 'media'],
      quantities: { users: 3 },
      paidUntil: '2027-01-31',
      validUntil: new Date('2026-12-01T00:00:00Z'),
      notBefore: '2026-11-30T06:00:00Z',
      minCrl: 7,
      binding,
    };
    expect(licenseOf(told, now)).toMatchObject({
      id: 'shop-1',
      plan: 'pro',
      entitlements: { features: ['cfdi', 'media'], quantities: { users: 3 } },
      notBefore: '2026-11-30T06:00:00.000Z',
      validUntil: '2026-12-01T00:00:00.000Z',
      paidUntil: '2027-01-31T00:00:00.000Z',
      minCrl: 7,
      binding,
    });
  });

  const wrong: [string, Partial<Order>, RegExp][] = [
    ['no customer', { customer: ' ' }, /customer must have a name/],
    ['no RFC', { rfc: 'eku9003173c9' }, /the RFC must be as EKU9003173C9/],
    ['an id for another folder', { id: '../x' }, /the id must have/],
    ['no plan', { plan: '' }, /the plan must have a name/],
    ['a feature without a name', { features: [''] }, /a feature must have a name/],
    ['a feature twice', { features: ['cfdi', 'cfdi'] }, /named twice/],
    ['half a user', { quantities: { users: 0.5 } }, /the quantity users must be a whole number/],
    ['no day', { validDays: 0 }, /valid days must be a whole number from 1/],
    ['a number below zero', { minCrl: -1 }, /lowest CRL number/],
    ['a day that no month has', { paidUntil: '2027-02-30' }, /paid until must be a time as/],
    ['a time of no zone', { validUntil: '2027-02-01T10:00:00' }, /valid until must be a time as/],
    ['no time', { notBefore: new Date(Number.NaN) }, /not before must be a time as/],
    ['an end before the beginning', { validUntil: '2026-11-20' }, /must end after it begins/],
    ['two facts', { binding: ['a'.repeat(64), 'b'.repeat(64)] as never }, /binding must be three digests/],
    ['facts in the clear', { binding: ['host', 'disk', 'id'] }, /binding must be three digests/],
  ];
  it.each(wrong)('with %s is refused by a sentence', (_, change, sentence) => {
    expect(() => licenseOf({ ...order, ...change }, now)).toThrow(OfficeRefused);
    expect(() => licenseOf({ ...order, ...change }, now)).toThrow(sentence);
  });

  it('renewed keeps everything but the life of the file and what is changed', () => {
    const first = licenseOf(order, now);
    const later = new Date('2026-12-11T18:00:00Z');
    const binding = null;
    const renewed = renewedLicense(first, later, { binding, paidUntil: '2028-01-01T00:00:00.000Z', validDays: 10 });
    expect(renewed).toEqual({
      ...first,
      issuedAt: '2026-12-11T18:00:00.000Z',
      validUntil: '2026-12-21T18:00:00.000Z',
      paidUntil: '2028-01-01T00:00:00.000Z',
    });
  });

  it('takes times to the minute, the second and the millisecond, in UTC', () => {
    expect(timeIn('t', '2027-01-31T18:00Z')).toBe('2027-01-31T18:00:00.000Z');
    expect(timeIn('t', '2027-01-31T18:00:01.5Z')).toBe('2027-01-31T18:00:01.500Z');
  });
});
