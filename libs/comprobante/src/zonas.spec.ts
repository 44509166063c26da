import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { describeWhen, satResource, satResources } from '@nexora/testing';

import { horaLocal, zonaDe, zonaIsDoubtful, ZONAS } from './zonas.ts';

describe('time zones by postal code', () => {
  it.each([
    ['06000', 'America/Mexico_City'],
    ['42501', 'America/Mexico_City'],
    ['22000', 'America/Tijuana'],
    ['83000', 'America/Hermosillo'],
    ['77500', 'America/Cancun'],
    ['80000', 'America/Mazatlan'],
    ['31000', 'America/Chihuahua'],
  ])('%s lies in %s', (cp, zona) => {
    expect(zonaDe(cp)).toBe(zona);
  });

  it('knows no zone for a prefix that no state has', () => {
    expect(['00000', '17000', '19999'].map(zonaDe)).toEqual([undefined, undefined, undefined]);
  });

  it('knows which states are divided', () => {
    expect(['32000', '88000', '06000', '22000'].map(zonaIsDoubtful)).toEqual([true, true, false, false]);
  });

  it('writes the local time without a zone', () => {
    const noon = new Date('2026-07-01T18:00:00.999Z');
    expect(horaLocal(noon, 'America/Mexico_City')).toBe('2026-07-01T12:00:00');
    expect(horaLocal(noon, 'America/Tijuana')).toBe('2026-07-01T11:00:00');
    expect(horaLocal(noon, 'America/Cancun')).toBe('2026-07-01T13:00:00');
    expect(horaLocal(new Date('2026-01-01T06:00:00Z'), 'America/Mexico_City')).toBe('2026-01-01T00:00:00');
  });

  it('keeps no summer time in the middle of the country, but does at the northern border', () => {
    const [winter, summer] = [new Date('2026-01-15T18:00:00Z'), new Date('2026-07-15T18:00:00Z')];
    expect([winter, summer].map((at) => horaLocal(at, 'America/Monterrey').slice(11))).toEqual([
      '12:00:00',
      '12:00:00',
    ]);
    expect([winter, summer].map((at) => horaLocal(at, 'America/Matamoros').slice(11))).toEqual([
      '12:00:00',
      '13:00:00',
    ]);
  });

  it('names only zones that this Node knows', () => {
    for (const zona of ZONAS) expect(() => horaLocal(new Date(0), zona)).not.toThrow();
  });
});

describeWhen(satResources)('time zones against the public table', () => {
  it('agree for every prefix', () => {
    const lines = readFileSync(satResource('catalogos/husos_por_prefijo_cp.csv'), 'utf8').trim().split('\n').slice(1);
    for (const line of lines) {
      const [range = '', , zona] = line.split(',');
      const [first, last = first] = range.split('-').map(Number);
      for (let prefix = first!; prefix <= last!; prefix += 1) {
        expect([prefix, zonaDe(`${String(prefix).padStart(2, '0')}000`)]).toEqual([prefix, zona]);
      }
    }
    expect(lines.length).toBe(32);
  });
});
