import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decide, standingRefusal, type Decision, type Situation } from './decide.ts';
import { CRL, inDays, LICENSE, MACHINE, NOW, otherMachine, Vendor } from './vendor.conformance.ts';

const vendor = new Vendor();
const LICENSED = vendor.license();
const LISTED = vendor.crl();
const HOUR = 1 / 24;

const situation = (changes: Partial<Situation> = {}): Situation => ({
  license: LICENSED,
  crl: null,
  refusal: null,
  machine: MACHINE,
  machineChangedAt: null,
  graceDays: 7,
  time: NOW,
  ...changes,
});
const shown = (changes: Partial<Situation>): [string, string | null, number | null] => {
  const { mode, reason, graceDaysLeft } = decide(situation(changes));
  return [mode, reason, graceDaysLeft];
};

describe('the mode of a licence', () => {
  it('is valid, without a reason', () => {
    expect(decide(situation())).toEqual({
      mode: 'valid',
      reason: null,
      graceDaysLeft: null,
      graceUntil: null,
      nextChange: inDays(30),
      crlStale: false,
      match: null,
    });
  });

  it.each(['no license', 'no key', 'unknown key', 'bad signature', 'unreadable'] as const)(
    'is invalid with the reason %j, without a verified licence',
    (fault) => {
      expect(shown({ license: { fault } })).toEqual(['invalid', fault, null]);
      expect(decide(situation({ license: { fault }, time: inDays(900) })).nextChange).toBeNull();
    },
  );

  it.each<[string, number, ReturnType<typeof shown>]>([
    ['the last millisecond', 30 - HOUR / 3_600_000, ['valid', null, null]],
    ['the moment of the expiry', 30, ['grace', 'file expired', 7]],
    ['an hour later', 30 + HOUR, ['grace', 'file expired', 7]],
    ['a day later', 31, ['grace', 'file expired', 6]],
    ['a day and an hour later', 31 + HOUR, ['grace', 'file expired', 6]],
    ['six days and 23 hours later', 37 - HOUR, ['grace', 'file expired', 1]],
    ['seven days later', 37, ['limited', 'file expired', 0]],
    ['years later', 900, ['limited', 'contract ended', 0]],
  ])('at %s', (_name, days, expected) => {
    expect(shown({ time: inDays(days) })).toEqual(expected);
  });

  it('is in grace when the contract has ended, though the file lasts', () => {
    const license = vendor.license({ paidUntil: inDays(10) });
    expect(shown({ license, time: inDays(10) })).toEqual(['grace', 'contract ended', 7]);
    expect(shown({ license, time: inDays(17) })).toEqual(['limited', 'contract ended', 0]);
  });

  it.each<[number, number, ReturnType<typeof shown>]>([
    [0, 30, ['limited', 'file expired', 0]],
    [1, 30, ['grace', 'file expired', 1]],
    [90, 30, ['grace', 'file expired', 90]],
    [90, 119, ['grace', 'file expired', 1]],
    [90, 120, ['limited', 'file expired', 0]],
  ])('with LICENSE_GRACE_DAYS=%d, %d days after the issue', (graceDays, days, expected) => {
    expect(shown({ graceDays, time: inDays(days) })).toEqual(expected);
  });

  it('stays valid when the time is set right to before it began: it had begun when it was taken', () => {
    expect(shown({ time: inDays(-60) })).toEqual(['valid', null, null]);
  });
});

describe('revocation', () => {
  it.each(['revoked', 'suspended'] as const)('by the list: %s, and back when it no longer says so', (what) => {
    expect(shown({ crl: vendor.crl({ [what]: [LICENSE.id] }) })).toEqual(['revoked', what, null]);
    expect(shown({ crl: vendor.crl({ [what]: ['lic-0002'] }) })).toEqual(['valid', null, null]);
  });

  it.each(['revoked', 'suspended'] as const)('by a signed refusal: %s, until a later licence or list', (code) => {
    const refusal = { code, at: inDays(2) };
    const time = inDays(3);
    expect(shown({ refusal, time })).toEqual(['revoked', code, null]);
    expect(shown({ refusal, time, license: vendor.license({ issuedAt: inDays(2.5) }) })).toEqual(['valid', null, null]);
    expect(shown({ refusal, time, crl: vendor.crl({ issuedAt: inDays(2.5) }) })).toEqual(['valid', null, null]);
    expect(shown({ refusal, time, crl: vendor.crl({ issuedAt: inDays(2 + 1 / 1440) }) })).toEqual([
      'revoked',
      code,
      null,
    ]);
    expect(shown({ refusal, time, crl: vendor.crl({ issuedAt: inDays(1) }) })).toEqual(['revoked', code, null]);
  });

  it('by a signed refusal, also of a licence or list that the vendor once dated ahead', () => {
    const refusal = { code: 'revoked', at: inDays(2) };
    const [license, crl] = [vendor.license({ issuedAt: inDays(700) }), vendor.crl({ issuedAt: inDays(700) })];
    expect(shown({ refusal, time: inDays(3), license, crl })).toEqual(['revoked', 'revoked', null]);
  });

  it('not by a refusal of another code: not renewed, no more', () => {
    const refusal = { code: 'unpaid', at: NOW };
    expect(shown({ refusal })).toEqual(['valid', null, null]);
    expect(standingRefusal(vendor.license(), null, refusal, NOW)).toBeNull();
  });

  it('weighs more than any expiry', () => {
    const crl = vendor.crl({ suspended: [LICENSE.id] });
    expect(shown({ crl, time: inDays(900) })).toEqual(['revoked', 'suspended', null]);
  });
});

describe('a list that is no longer renewed', () => {
  const license = vendor.license({ validUntil: inDays(365) });
  const crl = vendor.crl();
  const at = (days: number): Decision => decide(situation({ license, crl, time: inDays(days) }));

  it('is a warning past its next update, grace 14 days later, limited at last, never revoked', () => {
    expect([at(6).mode, at(6).crlStale]).toEqual(['valid', false]);
    expect([at(7).mode, at(7).crlStale]).toEqual(['valid', true]);
    expect([at(20).mode, at(20).crlStale]).toEqual(['valid', true]);
    expect(at(21)).toMatchObject({ mode: 'grace', reason: 'revocation list stale', graceDaysLeft: 7 });
    expect(at(28)).toMatchObject({ mode: 'limited', reason: 'revocation list stale', graceDaysLeft: 0 });
  });

  it('never touches the mode of a house that has had none', () => {
    const asking = vendor.license({ validUntil: inDays(365), minCrl: 3 });
    expect(decide(situation({ license: asking, time: inDays(300) }))).toMatchObject({ mode: 'valid', crlStale: true });
  });
});

describe('the machine', () => {
  const license = vendor.license({ binding: MACHINE });
  const on = (equal: number, changes: Partial<Situation> = {}): Decision =>
    decide(situation({ license, machine: otherMachine(equal), ...changes }));

  it('is the same with three or two facts', () => {
    expect([on(3), on(2)].map(({ mode, match }) => [mode, match])).toEqual([
      ['valid', 3],
      ['valid', 2],
    ]);
  });

  it('has changed with one: grace from when that was first seen', () => {
    expect(on(1)).toMatchObject({ mode: 'grace', reason: 'machine changed', graceDaysLeft: 7, match: 1 });
    expect(on(1, { machineChangedAt: NOW, time: inDays(3) })).toMatchObject({ mode: 'grace', graceDaysLeft: 4 });
    expect(on(1, { machineChangedAt: NOW, time: inDays(7) })).toMatchObject({ mode: 'limited', graceDaysLeft: 0 });
  });

  it('is another with none: limited at once', () => {
    expect(on(0)).toMatchObject({ mode: 'limited', reason: 'machine changed', graceDaysLeft: 0, match: 0 });
  });

  it('is any, when the licence is not bound', () => {
    expect(decide(situation({ machine: otherMachine(0) }))).toMatchObject({ mode: 'valid', match: null });
  });
});

describe('several causes', () => {
  it('the worst wins', () => {
    const license = vendor.license({ binding: MACHINE });
    const crl = vendor.crl({ revoked: [LICENSE.id] });
    expect(shown({ license, machine: otherMachine(0), time: inDays(31) })).toEqual(['limited', 'machine changed', 0]);
    expect(shown({ license, machine: otherMachine(0), time: inDays(31), crl })).toEqual(['revoked', 'revoked', null]);
  });

  it('of two graces the one that ends first', () => {
    const license = vendor.license({ paidUntil: inDays(28) });
    expect(shown({ license, time: inDays(31) })).toEqual(['grace', 'contract ended', 4]);
    const other = vendor.license({ paidUntil: inDays(32) });
    expect(shown({ license: other, time: inDays(33) })).toEqual(['grace', 'file expired', 4]);
  });
});

describe('the next change', () => {
  const days = fc.double({ min: -50, max: 400, noNaN: true });
  const anySituation: fc.Arbitrary<Situation> = fc
    .record({
      paid: fc.integer({ min: -5, max: 60 }),
      until: fc.integer({ min: -5, max: 60 }),
      notBefore: fc.integer({ min: -5, max: 60 }),
      next: fc.integer({ min: -20, max: 60 }),
      hasCrl: fc.boolean(),
      minCrl: fc.integer({ min: 0, max: 9 }),
      equal: fc.integer({ min: 0, max: 3 }),
      changed: fc.integer({ min: -10, max: 10 }),
      graceDays: fc.integer({ min: 0, max: 90 }),
      time: days,
    })
    .map((of) =>
      situation({
        license: {
          ...LICENSED,
          content: {
            ...LICENSE,
            binding: MACHINE,
            notBefore: inDays(of.notBefore),
            validUntil: inDays(of.until),
            paidUntil: inDays(of.paid),
            minCrl: of.minCrl,
          },
        },
        crl: of.hasCrl ? { ...LISTED, content: { ...CRL, nextUpdate: inDays(of.next) } } : null,
        machine: otherMachine(of.equal),
        machineChangedAt: inDays(of.changed),
        graceDays: of.graceDays,
        time: inDays(of.time),
      }),
    );
  const visible = ({ mode, reason, graceDaysLeft, crlStale }: Decision): unknown => [
    mode,
    reason,
    graceDaysLeft,
    crlStale,
  ];

  it('is the first moment at which anything that is shown changes by time alone', () => {
    fc.assert(
      fc.property(anySituation, fc.double({ min: 0, max: 1, noNaN: true }), (now, share) => {
        const decision = decide(now);
        const end = decision.nextChange?.getTime() ?? now.time.getTime() + 900 * 86_400_000;
        expect(end).toBeGreaterThan(now.time.getTime());
        const between = new Date(now.time.getTime() + Math.floor((end - 1 - now.time.getTime()) * share));
        expect(visible(decide({ ...now, time: between }))).toEqual(visible(decision));
      }),
      { numRuns: 2000 },
    );
  });

  it('is none when nothing changes any more', () => {
    expect(decide(situation({ time: inDays(400) }))).toMatchObject({ mode: 'limited', nextChange: null });
  });

  it('never makes anything better by time alone', () => {
    const rank = ['valid', 'grace', 'limited', 'revoked', 'invalid'];
    fc.assert(
      fc.property(anySituation, fc.integer({ min: 0, max: 400 }), (now, later) => {
        const before = decide(now);
        const after = decide({ ...now, time: new Date(now.time.getTime() + later * 86_400_000) });
        expect(rank.indexOf(after.mode)).toBeGreaterThanOrEqual(rank.indexOf(before.mode));
      }),
      { numRuns: 1000 },
    );
  });

  it('days left are shown in grace, nought when limited, else none', () => {
    fc.assert(
      fc.property(anySituation, (now) => {
        const { mode, graceDaysLeft, reason } = decide(now);
        expect(graceDaysLeft === null).toBe(mode !== 'grace' && mode !== 'limited');
        if (mode === 'limited') expect(graceDaysLeft).toBe(0);
        if (mode === 'grace') {
          expect(graceDaysLeft).toBeGreaterThanOrEqual(1);
          expect(graceDaysLeft).toBeLessThanOrEqual(now.graceDays);
        }
        expect(reason === null).toBe(mode === 'valid');
      }),
      { numRuns: 1000 },
    );
  });
});
