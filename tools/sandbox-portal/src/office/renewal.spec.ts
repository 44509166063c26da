import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { licenseOf } from './order.ts';
import type { Binding, LicenseRecord } from './records.ts';
import { judgeRenewal, refusalOf } from './renewal.ts';

const now = new Date('2026-11-21T18:00:00Z');
const day = 86_400_000;
const fact = (digit: string): string => digit.repeat(64);
const here: Binding = [fact('a'), fact('b'), fact('c')];
const elsewhere: Binding = [fact('d'), fact('e'), fact('f')];

function recordWith(change: Partial<LicenseRecord>, binding: Binding | null = here): LicenseRecord {
  const license = licenseOf({ customer: 'Tienda', rfc: 'EKU9003173C9', binding }, now);
  const envelope = { payload: '', signature: '', kid: '' };
  return { license, envelope, validDays: 30, bindsAtFirstRenewal: false, status: 'active', reboundAt: null, ...change };
}

const codeOf = (...asked: Parameters<typeof judgeRenewal>): string => {
  const ruling = judgeRenewal(...asked);
  return ruling.kind === 'refuse' ? ruling.refusal.code : ruling.kind;
};

describe('a request to renew', () => {
  it('is refused for a licence that is unknown, revoked, suspended or not paid', () => {
    expect(codeOf(undefined, here, now)).toBe('unknown');
    expect(codeOf(recordWith({ status: 'revoked' }), here, now)).toBe('revoked');
    expect(codeOf(recordWith({ status: 'suspended' }), here, now)).toBe('suspended');
    const { license } = recordWith({});
    expect(codeOf(recordWith({}), here, new Date(Date.parse(license.paidUntil) - 1))).toBe('renew');
    expect(codeOf(recordWith({}), here, new Date(license.paidUntil))).toBe('unpaid');
  });

  it('two equal facts of three, each in its place, are the same machine', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), (changed) => {
        const asked = here.map((known, index) => (changed[index] ? elsewhere[index]! : known)) as unknown as Binding;
        const rebound = changed.filter(Boolean).length > 1;
        expect(judgeRenewal(recordWith({}), asked, now)).toEqual({ kind: 'renew', binding: asked, rebound });
      }),
    );
    const turned: Binding = [here[1], here[2], here[0]];
    expect(judgeRenewal(recordWith({}), turned, now)).toMatchObject({ rebound: true });
  });

  it('a move to another machine is had once in 30 days', () => {
    const reboundAt = new Date(now.getTime() - 30 * day + 1).toISOString();
    expect(codeOf(recordWith({ reboundAt }), elsewhere, now)).toBe('rebind-too-soon');
    expect(codeOf(recordWith({ reboundAt }), elsewhere, new Date(now.getTime() + 1))).toBe('renew');
    expect(codeOf(recordWith({ reboundAt }), here, now)).toBe('renew');
  });

  it('a licence without a binding stays without, unless it was sold for the first machine', () => {
    expect(judgeRenewal(recordWith({}, null), here, now)).toMatchObject({ binding: null, rebound: false });
    const sold = recordWith({ bindsAtFirstRenewal: true }, null);
    expect(judgeRenewal(sold, here, now)).toMatchObject({ binding: here, rebound: false });
  });

  it('every refusal has a sentence in Spanish, also one that the office does not use', () => {
    for (const code of ['unknown', 'revoked', 'suspended', 'unpaid', 'rebind-too-soon']) {
      expect(refusalOf(code)).toEqual({ code, message: expect.stringMatching(/licencia/) });
    }
    expect(refusalOf('toString')).toEqual({
      code: 'toString',
      message: expect.stringMatching(/no renovó la licencia/),
    });
  });
});
