import { describe, expect, it } from '@jest/globals';
import { crlStanding, listedAs, takeCrl } from './crl.ts';
import { openCrl, type Crl, type Verified } from './documents.ts';
import { Refused } from './refused.ts';
import { CRL, inDays, LICENSE, NOW, Vendor } from './vendor.conformance.ts';

const vendor = new Vendor();
const next = new Vendor();
const outcome = (candidate: Verified<Crl>, present: Verified<Crl> | null, left: string[] = []): string => {
  try {
    return takeCrl(candidate, present, new Set(left), NOW);
  } catch (fault) {
    return `${(fault as Refused).reason}${(fault as Refused).alarm ? ' (alarm)' : ''}`;
  }
};

describe('a revocation list', () => {
  const present = vendor.crl({ number: 7 });

  it.each<[string, Verified<Crl>, string]>([
    ['with a higher number is taken', vendor.crl({ number: 8 }), 'taken'],
    ['with a number far higher is taken', vendor.crl({ number: 2 ** 50 }), 'taken'],
    ['with a lower number is refused', vendor.crl({ number: 6 }), 'lower number'],
    ['with a lower number and a later date is refused', vendor.crl({ number: 6, issuedAt: inDays(3) }), 'lower number'],
    ['that is the present one is nothing to do', vendor.crl(), 'same'],
    [
      'with the same number and other bytes is an alarm',
      vendor.crl({ revoked: ['x'] }),
      'same number, other bytes (alarm)',
    ],
    [
      'with a higher number is taken even past its next update',
      vendor.crl({ number: 8, nextUpdate: inDays(-9) }),
      'taken',
    ],
    ['of another series by the same key is refused', vendor.crl({ series: '2027', number: 99 }), 'other series'],
    ['of a new series by a new key is taken, whatever its number', next.crl({ series: '2027', number: 1 }), 'taken'],
    [
      'of a new series, dated before the present one, is refused',
      next.crl({ series: '2025', issuedAt: inDays(-1) }),
      'other series',
    ],
    ['of the same series by a new key follows the numbers', next.crl({ number: 6 }), 'lower number'],
    ['of the same bytes by a new key is taken', resigned(present), 'taken'],
  ])('%s', (_name, candidate, expected) => {
    expect(outcome(candidate, present)).toBe(expected);
  });

  it.each<[string, Verified<Crl> | null, number, string]>([
    ['five minutes in the future is taken', present, 300_000, 'taken'],
    ['more is refused', present, 300_001, 'from the future'],
    ['more is refused, as the first one too', null, 300_001, 'from the future'],
  ])('issued %s', (_name, before, ms, expected) => {
    expect(outcome(vendor.crl({ number: 8, issuedAt: new Date(NOW.getTime() + ms) }), before)).toBe(expected);
  });

  it('below the number that the licence asks for is refused; another key counts anew', () => {
    const license = vendor.license({ minCrl: 9 });
    const take = (candidate: Verified<Crl>): string => takeCrl(candidate, present, new Set(), NOW, license);
    expect(() => take(vendor.crl({ number: 8 }))).toThrow(
      expect.objectContaining({
        reason: 'lower number',
        es: 'La lista de revocación 2026/8 es anterior a la que pide la licencia (9).',
      }) as unknown as Error,
    );
    expect(take(present)).toBe('same');
    expect(take(vendor.crl({ number: 9 }))).toBe('taken');
    expect(take(next.crl({ series: '2027', number: 1 }))).toBe('taken');
  });

  it('is the first one: taken, whatever its number and series', () => {
    expect(outcome(vendor.crl({ number: 0, series: 'x' }), null)).toBe('taken');
  });

  it('of a series that was left never comes back, not even when nothing is there', () => {
    const rotated = next.crl({ series: '2027', number: 1 });
    const replayed = vendor.crl({ number: 999, issuedAt: inDays(9) });
    expect(outcome(replayed, rotated, ['2026'])).toBe('left series');
    expect(outcome(replayed, null, ['2026'])).toBe('left series');
  });

  it('recovers from a huge number of a stolen key by a new key', () => {
    const huge = vendor.crl({ number: Number.MAX_SAFE_INTEGER });
    expect(outcome(vendor.crl({ number: 8 }), huge)).toBe('lower number');
    expect(outcome(next.crl({ series: '2027', number: 1 }), huge)).toBe('taken');
  });

  it('that the vendor once dated years ahead puts off neither the next number nor a rotation', () => {
    const ahead = vendor.crl({ number: 7, issuedAt: inDays(700), nextUpdate: inDays(707) });
    expect(outcome(vendor.crl({ number: 8 }), ahead)).toBe('taken');
    expect(outcome(next.crl({ series: '2027', number: 1 }), ahead)).toBe('taken');
  });

  it('is refused by its name, in both languages', () => {
    expect(() => takeCrl(vendor.crl({ number: 6 }), present, new Set(), NOW)).toThrow(
      expect.objectContaining({
        es: 'La lista de revocación 2026/6 es anterior a la que ya se tiene (2026/7).',
        message: 'The revocation list 2026/6 is older than the present one (2026/7).',
      }),
    );
  });

  function resigned({ envelope }: Verified<Crl>): Verified<Crl> {
    const payload = JSON.parse(Buffer.from(envelope.payload, 'base64').toString()) as object;
    return openCrl(next.seal('crl', payload), next.keyring);
  }
});

describe('the age of the list', () => {
  const license = vendor.license();

  it('no list yet: nothing revoked, nothing stale, no effect on the mode', () => {
    expect(crlStanding(null, license, inDays(900))).toEqual({ stale: false, staleFrom: null, notRenewedFrom: null });
    expect(listedAs(null, LICENSE.id)).toBeNull();
  });

  it('no list yet, and a licence that asks for one: a warning, no more', () => {
    expect(crlStanding(null, vendor.license({ minCrl: 5 }), inDays(900))).toEqual({
      stale: true,
      staleFrom: null,
      notRenewedFrom: null,
    });
  });

  it('is stale from its next update on, and "not renewed" 14 days later', () => {
    const standing = (time: Date): unknown => crlStanding(vendor.crl(), license, time);
    expect(standing(new Date(inDays(7).getTime() - 1))).toEqual({
      stale: false,
      staleFrom: inDays(7),
      notRenewedFrom: inDays(21),
    });
    expect(standing(inDays(7))).toEqual({ stale: true, staleFrom: inDays(7), notRenewedFrom: inDays(21) });
  });

  it('is stale from the issue of a licence that asks for a higher number', () => {
    const asking = vendor.license({ minCrl: CRL.number + 1, issuedAt: inDays(1) });
    expect(crlStanding(vendor.crl(), asking, inDays(2))).toEqual({
      stale: true,
      staleFrom: inDays(1),
      notRenewedFrom: inDays(15),
    });
    expect(crlStanding(vendor.crl({ number: CRL.number + 1 }), asking, inDays(2)).stale).toBe(false);
    expect(crlStanding(vendor.crl(), vendor.license({ minCrl: CRL.number }), NOW).stale).toBe(false);
  });

  it('does not compare numbers of two keys: a rotation counts anew', () => {
    const old = vendor.license({ minCrl: 50 });
    expect(crlStanding(next.crl({ series: '2027', number: 1 }), old, NOW).stale).toBe(false);
  });
});

describe('what the list says of a licence', () => {
  it('revoked, suspended, reinstated; revoked weighs more', () => {
    expect(listedAs(vendor.crl({ revoked: [LICENSE.id] }), LICENSE.id)).toBe('revoked');
    expect(listedAs(vendor.crl({ suspended: [LICENSE.id] }), LICENSE.id)).toBe('suspended');
    expect(listedAs(vendor.crl({ revoked: [LICENSE.id], suspended: [LICENSE.id] }), LICENSE.id)).toBe('revoked');
    expect(listedAs(vendor.crl({ number: 8 }), LICENSE.id)).toBeNull();
  });

  it('never of one that is only alike', () => {
    expect(
      listedAs(vendor.crl({ revoked: [`${LICENSE.id} `, LICENSE.id.toUpperCase(), 'lic'] }), LICENSE.id),
    ).toBeNull();
  });
});
