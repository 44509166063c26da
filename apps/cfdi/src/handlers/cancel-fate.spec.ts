import { describe, expect, it } from '@jest/globals';
import { Later } from '@nexora/agent';
import type { Decision } from '../cancelacion/decision.ts';
import type { CancelAnswer, CancelRefusal } from '../pac/cancel-answer.ts';
import { cancelFateOf, type CancelCircumstances } from './cancel-fate.ts';

const HOUR_MS = 3_600_000;
const young: CancelCircumstances = { host: 'pac.example', ageMs: HOUR_MS, shown: null };
const refused = (of: CancelRefusal, code = '299'): CancelAnswer => ({
  kind: 'refused',
  of,
  code,
  message: 'dice el PAC',
});
const fate = (answer: CancelAnswer, changes: Partial<CancelCircumstances> = {}) =>
  cancelFateOf(answer, { ...young, ...changes });

describe('the fate of a request to cancel', () => {
  it.each(['201', '202'] as const)('%s: the tax authority has it', (code) => {
    const answer: CancelAnswer = { kind: 'asked', code, message: '', acuse: '<Acuse/>' };
    expect(fate(answer)).toEqual({
      ended: { outcome: 'asked', code, message: '' },
      then: { kind: 'taken', acuse: '<Acuse/>', previous: code === '202' },
    });
  });

  it.each([
    'not-cancellable',
    'spent',
    'rfc',
    'motivo',
    'sustituto',
    'late',
    'certificate',
    'ours',
    'unlisted',
  ] as const)('%s came to nothing: the reason in Spanish, with a remedy', (of) => {
    const { then } = fate(refused(of));
    expect(then).toMatchObject({
      kind: 'rejected',
      error: { code: 'cfdi.cancellation-refused', message: expect.stringMatching(/\(299\).* dice el PAC$/) },
    });
    if (then.kind !== 'rejected') throw new Error('not rejected');
    expect(then.error.remedy).toMatch(/[.]$/);
    expect(then.dead === null).toBe(of !== 'ours');
  });

  it('205 waits while the comprobante is young, and is for a person after 72 hours', () => {
    expect(fate(refused('unknown-uuid')).then).toMatchObject({ kind: 'waits', isDoubtful: false });
    expect(fate(refused('unknown-uuid'), { ageMs: 73 * HOUR_MS }).then).toMatchObject({ kind: 'rejected' });
  });

  it('798 waits 72 hours, the account 15 minutes, an offline PAC for the line, a busy one as long as it says', () => {
    const waits = (answer: CancelAnswer): unknown => {
      const { then } = fate(answer);
      return then.kind === 'waits' && then.fate instanceof Later ? then.fate.when : then;
    };
    expect(waits(refused('wait'))).toBe('72h');
    expect(waits(refused('account'))).toBe('15m');
    expect(waits({ kind: 'unsent', offline: true, code: 'ENOTFOUND', message: '' })).toBe('internet');
    expect(waits({ kind: 'unknown', code: 'http-429', message: '', retryAfterMs: 2_000 })).toBe('2000ms');
  });

  it('what nobody answered for leaves a doubt; what left nothing leaves none', () => {
    expect(fate({ kind: 'unknown', code: 'timeout', message: '' }).then).toMatchObject({ isDoubtful: true });
    expect(fate({ kind: 'unsent', offline: false, code: 'resting', message: '' }).then).toMatchObject({
      isDoubtful: false,
    });
  });
});

describe('in doubt, the tax authority decides what a refusal means', () => {
  it.each<[Decision, string]>([
    [{ kind: 'cancelled', how: 'Plazo vencido' }, 'cancelled'],
    [{ kind: 'open' }, 'taken'],
    [{ kind: 'rejected' }, 'rejected'],
    [{ kind: 'nothing' }, 'rejected'],
  ])('%j: %s', (shown, kind) => expect(fate(refused('spent'), { shown }).then.kind).toBe(kind));

  it('and nothing is final while it does not answer', () => {
    for (const refusal of ['spent', 'rfc', 'ours', 'not-cancellable'] as const) {
      expect(fate(refused(refusal), { shown: 'unanswered' }).then).toMatchObject({ kind: 'waits', isDoubtful: true });
    }
    expect(fate(refused('unknown-uuid'), { shown: 'unanswered', ageMs: 100 * HOUR_MS }).then.kind).toBe('waits');
  });
});
