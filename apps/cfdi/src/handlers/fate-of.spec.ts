import { describe, expect, it } from '@jest/globals';
import { InDoubt, Later, Permanent } from '@nexora/agent';
import { problemOf } from '@nexora/contracts';
import fc from 'fast-check';
import type { Refusal } from '../pac/pac.ts';
import { TriedInVain, type Circumstances, type LookedUp, type NoStamp } from './conclusion.ts';
import { fateOf } from './fate-of.ts';

const calm: Circumstances = {
  host: 'pac.example',
  hadDoubts: false,
  lookedUp: 'not-asked',
  sealAgeMs: 1_000,
  csdAgeMs: 1e12,
  isCsdCurrent: true,
};
const HOUR_MS = 3_600_000;

function refused(of: Refusal, code: string, skewMs?: number): NoStamp {
  return { kind: 'refused', of, code, message: 'dice el PAC', ...(skewMs === undefined ? {} : { skewMs }) };
}

describe('the fate of a try without a stamp', () => {
  it('is later, without an attempt, when nothing left the house for want of a line', () => {
    const { after, pause, fate } = fateOf({ kind: 'unsent', offline: true, code: 'ECONNREFUSED', message: 'm' }, calm);
    expect(fate).toBeInstanceOf(Later);
    expect(fate).toMatchObject({ when: 'internet', host: 'pac.example' });
    expect(after).toMatchObject({ outcome: 'unsent', estado: 'sellado', unseal: null });
    expect(pause).toBeNull();
  });

  it('is a retry by policy when the PAC turned us away before we sent', () => {
    const { after, fate } = fateOf({ kind: 'unsent', offline: false, code: 'http-503', message: 'm' }, calm);
    expect(fate).toBeInstanceOf(TriedInVain);
    expect(after.outcome).toBe('unsent');
  });

  it('is a retry with the same bytes when nobody knows, or the pause that the PAC asked for', () => {
    const unknown: NoStamp = { kind: 'unknown', code: 'timeout', message: 'm' };
    expect(fateOf(unknown, calm)).toMatchObject({ after: { outcome: 'unknown', estado: 'enviando', unseal: null } });
    expect(fateOf(unknown, calm).fate).toBeInstanceOf(TriedInVain);
    expect(fateOf({ ...unknown, retryAfterMs: 2_000 }, calm).fate).toMatchObject({ when: '2000ms' });
  });

  it('says that the clock may be the reason when only the time of a stamp speaks against it', () => {
    const at = (more: object) => fateOf({ kind: 'unbelievable', why: 'w', previous: true, ...more }, calm).after;
    expect(at({ isOfTime: true })).toMatchObject({
      estado: 'enviando',
      error: { message: expect.stringContaining('reloj') },
    });
    expect(at({}).error?.message).not.toContain('reloj');
  });

  it("asks once more when the first answer carries another's seal, and calls a person when the PAC repeats it", () => {
    const slip = fateOf({ kind: 'foreign', why: 'w', previous: false }, calm);
    expect(slip.fate).toBeInstanceOf(TriedInVain);
    expect(slip.after).toMatchObject({ outcome: 'unknown', estado: 'enviando' });
    const sure = fateOf({ kind: 'foreign', why: 'w', previous: true }, calm);
    expect(sure.fate).toBeInstanceOf(InDoubt);
    expect(sure.after).toMatchObject({ outcome: 'unknown', estado: 'revision' });
  });

  it('is a dead letter for our data, with field and remedy, and settles earlier doubts about the same bytes', () => {
    const { after, fate } = fateOf(refused('data', 'CFDI40145'), { ...calm, hadDoubts: true, lookedUp: 'unsupported' });
    expect(fate).toBeInstanceOf(Permanent);
    expect(after).toMatchObject({ outcome: 'refused', estado: 'rechazado', settledBy: expect.any(String) });
    expect(after.error).toMatchObject({ code: 'CFDI40145', field: 'receptor.nombre' });
    expect(fateOf(refused('data', 'CFDI40299'), calm).after.error).toMatchObject({ field: null });
  });

  it('is a dead letter marked as software for what we built wrongly', () => {
    const { after, fate } = fateOf(refused('ours', '302'), calm);
    expect(fate).toMatchObject({ code: 'cfdi.ours' });
    expect(after.error?.message).toMatch(/error del programa/);
  });

  it('stops the issuer for 15 minutes when the account refuses, and says nothing about earlier doubts', () => {
    const { after, pause, fate } = fateOf(refused('account', 'AU2001'), calm);
    expect(pause).toMatchObject({ code: 'AU2001', minutes: 15 });
    expect(fate).toMatchObject({ when: '15m' });
    expect(after).toMatchObject({ outcome: 'refused', estado: 'sellado', settledBy: null, unseal: null });
    expect(fateOf(refused('account', 'AU2001'), { ...calm, hadDoubts: true }).after.estado).toBe('enviando');
  });

  it('gives the seal up when the certificate is refused, unless a try with it is in doubt', () => {
    expect(fateOf(refused('certificate', '305'), calm)).toMatchObject({
      after: { estado: 'pendiente', unseal: 'certificate refused: 305' },
      pause: { minutes: 15 },
    });
    expect(fateOf(refused('certificate', '305'), { ...calm, hadDoubts: true }).after).toMatchObject({
      estado: 'enviando',
      unseal: null,
    });
  });

  it('asks hourly while the lists of the SAT lag behind a new CSD', () => {
    const fresh = { ...calm, csdAgeMs: 71 * HOUR_MS };
    expect(fateOf(refused('certificate', '402'), fresh).pause?.minutes).toBe(60);
    expect(fateOf(refused('certificate', '304'), fresh).pause?.minutes).toBe(60);
    expect(fateOf(refused('certificate', '306'), fresh).pause?.minutes).toBe(15);
    expect(fateOf(refused('certificate', '402'), { ...calm, csdAgeMs: 73 * HOUR_MS }).pause?.minutes).toBe(15);
  });

  it('waits for the clock when ours is wrong, seals anew after 72 hours, and blames the zone otherwise', () => {
    const wrongClock = fateOf(refused('clock', 'CFDI40101', 600_000), calm);
    expect(wrongClock.fate).toMatchObject({ when: '5m' });
    expect(wrongClock.after).toMatchObject({ estado: 'pendiente', unseal: 'Fecha refused: CFDI40101' });
    const old = fateOf(refused('clock', '401', 0), { ...calm, sealAgeMs: 72.5 * HOUR_MS });
    expect(old.after).toMatchObject({ estado: 'pendiente', unseal: 'Fecha refused: 401' });
    const zone = fateOf(refused('clock', 'CFDI40101', 0), calm);
    expect(zone.after).toMatchObject({ estado: 'rechazado', error: { field: 'zonaHoraria' } });
  });

  it('seals anew after 72 hours in doubt only when the PAC says clearly that it never stamped', () => {
    const old = { ...calm, hadDoubts: true, sealAgeMs: 80 * HOUR_MS };
    const of = (lookedUp: LookedUp) => fateOf(refused('clock', '401', 0), { ...old, lookedUp });
    expect(of('never').after).toMatchObject({ estado: 'pendiente', unseal: 'Fecha refused: 401' });
    expect(of('never').after.settledBy).toBe('look-up: never stamped');
    expect(of('unsupported').after).toMatchObject({ estado: 'revision', unseal: null, settledBy: null });
    expect(of('silent')).toMatchObject({ after: { estado: 'enviando', unseal: null }, fate: expect.any(TriedInVain) });
  });

  it('waits with the same bytes while a young Fecha is refused and an earlier try is in doubt', () => {
    const { after, fate } = fateOf(refused('clock', 'CFDI40101', 600_000), {
      ...calm,
      hadDoubts: true,
      lookedUp: 'unsupported',
    });
    expect(after).toMatchObject({ estado: 'enviando', unseal: null });
    expect(fate).toMatchObject({ when: '5m' });
  });

  it('seals one anew that an older CSD had sealed, and stops nobody for it', () => {
    const older = { ...calm, isCsdCurrent: false };
    expect(fateOf(refused('certificate', '304'), older)).toMatchObject({
      after: { estado: 'pendiente', unseal: 'certificate refused: 304' },
      pause: null,
    });
    expect(fateOf(refused('certificate', '304'), { ...older, hadDoubts: true, lookedUp: 'unsupported' })).toMatchObject(
      {
        after: { estado: 'revision' },
        pause: null,
      },
    );
  });

  it('never guesses about a "72 hours" after a try of unknown outcome: that is for a person', () => {
    const { after, fate } = fateOf(refused('clock', '401', 0), {
      ...calm,
      hadDoubts: true,
      lookedUp: 'unsupported',
      sealAgeMs: 80 * HOUR_MS,
    });
    expect(fate).toBeInstanceOf(InDoubt);
    expect(after).toMatchObject({ estado: 'revision', unseal: null });
  });

  const anything = fc.oneof(
    fc.record({ kind: fc.constant('unsent' as const), offline: fc.boolean(), code: fc.string(), message: fc.string() }),
    fc.record({ kind: fc.constant('unknown' as const), code: fc.string(), message: fc.string() }),
    fc.record({
      kind: fc.constantFrom('foreign' as const, 'unbelievable' as const),
      why: fc.string(),
      previous: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('refused' as const),
      of: fc.constantFrom<Refusal>('data', 'ours', 'account', 'certificate', 'clock'),
      code: fc.constantFrom('304', '402', 'CFDI40145', 'AU2001', '401'),
      message: fc.string(),
      skewMs: fc.constantFrom(0, 1e6, -1e6),
    }),
  );
  const circumstances = fc.record({
    host: fc.constant('h'),
    hadDoubts: fc.boolean(),
    lookedUp: fc.constantFrom<LookedUp>('not-asked', 'never', 'unsupported', 'silent'),
    sealAgeMs: fc.nat(1e9),
    csdAgeMs: fc.nat(1e9),
    isCsdCurrent: fc.boolean(),
  });

  it('gives up a seal only when every try with it was refused for good', () => {
    fc.assert(
      fc.property(anything, circumstances, (noStamp, around) => {
        const { after } = fateOf(noStamp, around);
        const isFree = after.unseal !== null || after.estado === 'pendiente';
        const isKnown = !around.hadDoubts || around.lookedUp === 'never';
        if (isFree) expect({ outcome: after.outcome, isKnown }).toEqual({ outcome: 'refused', isKnown: true });
        if (isFree && around.hadDoubts) expect(after.settledBy).toBe('look-up: never stamped');
        if (after.estado === 'rechazado') {
          expect(after.outcome).toBe('refused');
          expect(after.settledBy !== null).toBe(around.hadDoubts);
        }
        if (around.hadDoubts && around.lookedUp === 'silent') expect(after.estado).not.toBe('rechazado');
      }),
    );
  });

  it('uses only codes of the catalogue for dead letters and doubts', () => {
    fc.assert(
      fc.property(anything, circumstances, (noStamp, around) => {
        const { fate } = fateOf(noStamp, around);
        if (fate instanceof Permanent || fate instanceof InDoubt) expect(problemOf(fate.code)).toBeDefined();
      }),
    );
  });
});
