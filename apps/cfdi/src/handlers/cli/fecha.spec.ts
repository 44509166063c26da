import { describe, expect, it } from '@jest/globals';
import { instanteCercano, instanteDe } from './fecha.ts';

const TIJUANA = 'America/Tijuana';

describe('the instant of a local time', () => {
  it.each([
    ['2026-11-21T09:30:00', 'America/Mexico_City', '2026-11-21T15:30:00.000Z'],
    ['2026-07-01T00:00:00', TIJUANA, '2026-07-01T07:00:00.000Z'],
    ['2026-03-08T01:59:59', TIJUANA, '2026-03-08T09:59:59.000Z'],
    ['2026-03-08T03:00:00', TIJUANA, '2026-03-08T10:00:00.000Z'],
  ])('%s in %s is %s', (fecha, zona, instant) => expect(instanteDe(fecha, zona)?.toISOString()).toBe(instant));

  it('is one of the two where the clocks show it twice', () => {
    expect(['2026-11-01T08:30:00.000Z', '2026-11-01T09:30:00.000Z']).toContain(
      instanteDe('2026-11-01T01:30:00', TIJUANA)?.toISOString(),
    );
  });

  it('is none where the calendar or the clocks leave it out', () => {
    for (const fecha of ['2026-02-30T10:00:00', '2026-11-31T10:00:00', '2026-11-21T24:00:00', 'ayer', '']) {
      expect(instanteDe(fecha, TIJUANA)).toBeUndefined();
      expect(instanteCercano(fecha, TIJUANA)).toBeUndefined();
    }
    expect(instanteDe('2026-03-08T02:30:00', TIJUANA)).toBeUndefined();
  });

  it('is one near by when the zone is a guess', () => {
    expect(instanteCercano('2026-03-08T02:30:00', TIJUANA)).toBeInstanceOf(Date);
  });
});
