import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openLicense, type License } from './documents.ts';
import { Refused } from './refused.ts';
import { takeLicense } from './taking.ts';
import { inDays, MACHINE, NOW, otherMachine, Vendor } from './vendor.conformance.ts';

const MINUTE = 60_000;
const vendor = new Vendor();
const later = (ms: number): Date => new Date(NOW.getTime() + ms);
const outcome = (candidate: Partial<License>, present: Partial<License> | null, time = NOW): string => {
  try {
    return takeLicense(vendor.license(candidate), present && vendor.license(present), time);
  } catch (fault) {
    return (fault as Refused).reason;
  }
};

describe('a renewed licence, or one put in by hand', () => {
  it.each<[string, Partial<License>, Date, string]>([
    ['in force', {}, NOW, 'taken'],
    ['of which a millisecond is left', { validUntil: later(1) }, NOW, 'taken'],
    ['expired on arrival', { validUntil: NOW }, NOW, 'file expired'],
    ['expired before it was issued', { validUntil: inDays(-1) }, NOW, 'file expired'],
    ['issued 5 minutes in the future', { issuedAt: later(5 * MINUTE) }, NOW, 'taken'],
    ['issued more than 5 minutes in the future', { issuedAt: later(5 * MINUTE + 1) }, NOW, 'from the future'],
    ['valid from tomorrow', { notBefore: inDays(1) }, NOW, 'not valid yet'],
  ])('%s', (_name, candidate, time, expected) => {
    expect(outcome(candidate, null, time)).toBe(expected);
    expect(outcome(candidate, { plan: 'presente', issuedAt: inDays(-20) }, time)).toBe(expected);
  });

  it('whose contract has ended takes the place of nothing better', () => {
    expect(outcome({ paidUntil: NOW }, {})).toBe('contract ended');
    expect(outcome({ paidUntil: NOW }, { paidUntil: NOW, plan: 'presente' })).toBe('taken');
    expect(outcome({ paidUntil: NOW }, null)).toBe('taken');
  });

  it('is not older than the present one; equally old ones of other bytes are taken', () => {
    expect(outcome({ issuedAt: inDays(-2) }, { issuedAt: inDays(-1) })).toBe('older');
    expect(outcome({ issuedAt: inDays(-1), plan: 'otro' }, { issuedAt: inDays(-1) })).toBe('taken');
    expect(outcome({ issuedAt: inDays(0) }, { issuedAt: inDays(-1) })).toBe('taken');
  });

  it('that is the present one is nothing to do, even when it has expired', () => {
    expect(outcome({}, {})).toBe('same');
    expect(outcome({}, {}, inDays(99))).toBe('same');
  });

  it('of the same bytes, signed by the new key, is taken: else it would end with the old key', () => {
    const next = new Vendor();
    const { envelope } = vendor.license();
    const resigned = next.seal('license', JSON.parse(Buffer.from(envelope.payload, 'base64').toString()) as object);
    const candidate = openLicense(resigned, next.keyring);
    expect(candidate.sha256).toBe(vendor.license().sha256);
    expect(takeLicense(candidate, vendor.license(), NOW)).toBe('taken');
  });

  it('replaces one that was issued in the future, by a vendor whose clock was wrong then', () => {
    const wrong = { issuedAt: inDays(730), notBefore: inDays(730), validUntil: inDays(760) };
    expect(outcome({ plan: 'otro' }, wrong)).toBe('taken');
    expect(outcome({ plan: 'otro' }, wrong, inDays(20))).toBe('taken');
  });

  it('replaces a later one of another machine, which was mixed up with it; not one of two equal facts', () => {
    const own = vendor.license({ issuedAt: inDays(-9) });
    const take = (equal: number): string =>
      takeLicense(own, vendor.license({ binding: otherMachine(equal), paidUntil: inDays(400) }), NOW, MACHINE);
    expect([take(0), take(1)]).toEqual(['taken', 'taken']);
    for (const equal of [2, 3])
      expect(() => take(equal)).toThrow(expect.objectContaining({ reason: 'older' }) as unknown as Error);
  });

  it('is refused in sentences for owners and for logs, with the times that matter', () => {
    try {
      takeLicense(vendor.license({ validUntil: inDays(-1) }), null, NOW);
    } catch (fault) {
      expect(fault).toMatchObject({
        es: 'La licencia ya venció el 2026-11-20T12:00:00.000Z: pida una nueva.',
        message: 'The licence expired at 2026-11-20T12:00:00.000Z: ask for a new one.',
        alarm: false,
      });
      return;
    }
    throw new Error('it was taken');
  });

  it('is, once taken, never expired, never of the future, and never older than one that could itself be taken', () => {
    const days = fc.integer({ min: -40, max: 40 });
    fc.assert(
      fc.property(days, days, days, days, (issued, until, paid, present) => {
        const candidate = {
          issuedAt: inDays(issued),
          validUntil: inDays(until),
          paidUntil: inDays(paid),
          plan: 'otro',
        };
        const mayBe = until > 0 && paid > 0 && issued <= 0 && (issued >= present || present > 0);
        expect(outcome(candidate, { issuedAt: inDays(present) }) === 'taken').toBe(mayBe);
      }),
      { numRuns: 200 },
    );
  });
});
