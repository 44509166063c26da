import { describe, expect, it } from '@jest/globals';
import { HostResting, HostUnreachable } from '@nexora/connectivity';
import { StaleFence } from '@nexora/outbox';
import { InDoubt, Later, Permanent } from '../fates.ts';
import { fateOf } from './fate-of.ts';
import { ResultInvalid } from './shapes.ts';

const kind = { name: 'sample.work' };
const now = new Date('2026-11-21T10:00:00Z');
const read = (thrown: unknown, chance = 0.5) => fateOf(thrown, kind, now, () => chance);

describe('what a handler threw', () => {
  it('is dead for Permanent, with a sentence or with findings', () => {
    expect(read(new Permanent('cfdi.invalid', 'no RFC'))).toEqual({
      is: 'permanent',
      error: { code: 'cfdi.invalid', detail: 'no RFC' },
    });
    expect(read(new Permanent('cfdi.invalid', [{ field: 'rfc' }]))).toMatchObject({
      error: { findings: [{ field: 'rfc' }] },
    });
  });

  it('is later for Later, by a duration or until a time, never before now', () => {
    expect(read(new Later('2m', 'licence'))).toMatchObject({ is: 'later', delayMs: 120_000 });
    expect(read(new Later(new Date('2026-11-21T10:00:30Z'), 'r'))).toMatchObject({ delayMs: 30_000 });
    expect(read(new Later(new Date('2026-11-21T09:00:00Z'), 'r'))).toMatchObject({ delayMs: 0 });
  });

  it.each([
    [0, 5_000],
    [0.5, 17_500],
    [1, 30_000],
  ])('waits 5 to 30 s for the next verdict on the line (chance %d)', (chance, delayMs) => {
    expect(read(new Later('internet', 'offline', 'pac.example'), chance)).toEqual({
      is: 'later',
      delayMs,
      reason: { code: 'agents.offline', detail: 'offline' },
      unreachable: 'pac.example',
    });
  });

  it('is later with a hint when no byte left, and later without one while a host rests', () => {
    expect(read(new HostUnreachable('pac.example', new Error()))).toMatchObject({
      is: 'later',
      unreachable: 'pac.example',
    });
    expect(read(new HostResting('pac.example', 9_000))).toMatchObject({
      is: 'later',
      delayMs: 9_000,
      unreachable: null,
    });
  });

  it('is in doubt for InDoubt, and stale when the fence was wrong', () => {
    expect(read(new InDoubt('cfdi.unknown'))).toEqual({ is: 'in-doubt', error: { code: 'cfdi.unknown' } });
    expect(read(new StaleFence('agents.stale', 'not yours'))).toEqual({ is: 'stale' });
  });

  it('is dead when the result does not fit, since the program will not change by itself', () => {
    const fate = read(new ResultInvalid('sample.work', [{ path: 'n', message: 'expected number' }]));
    expect(fate).toMatchObject({ is: 'permanent', error: { code: 'agents.result-invalid' } });
  });

  it('is a retry for anything else, its message without secrets', () => {
    expect(read(new TypeError('mail gerente@tienda.mx'))).toMatchObject({
      is: 'retry',
      error: { code: 'agents.failed', detail: expect.not.stringContaining('tienda') },
    });
    expect(read('just a text')).toMatchObject({ is: 'retry', error: { detail: 'just a text' } });
    expect(read(undefined)).toMatchObject({ is: 'retry', error: { code: 'agents.failed' } });
  });

  it('keeps a code of the catalogue, and no other', () => {
    expect(read(Object.assign(new Error('x'), { code: 'agents.offline' }))).toMatchObject({
      error: { code: 'agents.offline' },
    });
    expect(read(Object.assign(new Error('x'), { code: '23505' }))).toMatchObject({ error: { code: 'agents.failed' } });
  });

  it.each([
    new Permanent('x.y', { 'a\u0000b': ['c\u0000', '\ud800'] }),
    new Permanent('x.y\u0000'),
    new InDoubt('x.\ud800'),
    new Later('5m', 'c\u0000 \ud800'),
    new Later('internet', 'c\u0000', 'pac.example'),
  ])('can always be kept as JSON in Postgres: %#', (thrown) => {
    expect(JSON.stringify(read(thrown))).not.toMatch(/\\u0000|\\ud800/);
  });

  it.each([
    new Permanent('x.y', 'password=hunter2 juan.perez@example.com'),
    new Later('5m', 'password=hunter2 juan.perez@example.com'),
    new Later('internet', 'password=hunter2 juan.perez@example.com'),
  ])('is kept without secrets and personal data: %#', (thrown) => {
    expect(JSON.stringify(read(thrown))).not.toMatch(/hunter2|juan/);
  });
});
