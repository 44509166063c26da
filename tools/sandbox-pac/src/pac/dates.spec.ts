import { describe, expect, it } from '@jest/globals';
import { checkDate, instantOf, localTime, zonesOf } from './dates.ts';

const noon = new Date('2026-11-21T18:00:00Z');
const codeOf = (fecha: string, postalCode = '42501', now = noon): string => {
  try {
    checkDate(fecha, postalCode, now);
    return 'ok';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'other';
  }
};

describe('dates at the PAC', () => {
  it('are local times of the centre on timbres, and of the place on comprobantes', () => {
    expect(localTime(noon)).toBe('2026-11-21T12:00:00');
    expect(localTime(noon, 'America/Tijuana')).toBe('2026-11-21T10:00:00');
    expect(instantOf('2026-11-21T10:00:00', 'America/Tijuana')).toEqual(noon);
    expect(instantOf('2026-07-01T12:00:00', 'America/Tijuana').toISOString()).toBe('2026-07-01T19:00:00.000Z');
  });

  it('may be up to 72 hours old and up to 5 minutes ahead', () => {
    expect(codeOf('2026-11-18T12:00:00')).toBe('ok');
    expect(codeOf('2026-11-18T11:59:59')).toBe('401');
    expect(codeOf('2026-11-21T12:05:00')).toBe('ok');
    expect(codeOf('2026-11-21T12:05:01')).toBe('CFDI40101');
  });

  it('go by the clock of the postal code', () => {
    expect(codeOf('2026-11-21T13:00:00', '77500')).toBe('ok');
    expect(codeOf('2026-11-21T13:00:00', '06000')).toBe('CFDI40101');
    expect(codeOf('2026-11-18T10:30:00', '22000')).toBe('ok');
  });

  it('may follow either clock of a border state', () => {
    expect(zonesOf('88000')).toEqual(['America/Monterrey', 'America/Matamoros']);
    const summer = new Date('2026-07-01T18:00:00Z');
    expect(codeOf('2026-07-01T13:00:00', '88000', summer)).toBe('ok');
    expect(codeOf('2026-07-01T12:00:00', '88000', summer)).toBe('ok');
    expect(codeOf('2026-07-01T13:10:00', '88000', summer)).toBe('CFDI40101');
  });
});
