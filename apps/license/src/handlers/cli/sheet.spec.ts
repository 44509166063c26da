import { describe, expect, it } from '@jest/globals';
import type { LicenseState } from '../../license-state.ts';
import { sheetOf } from './sheet.ts';

const valid: LicenseState = {
  id: 'lic-1',
  customer: 'ESCUELA KEMPER URGATE',
  rfc: 'EKU9003173C9',
  plan: 'tienda',
  entitlements: { features: ['cfdi'], quantities: { sucursales: 2 } },
  binding: null,
  issuedAt: '2026-11-01T00:00:00.000Z',
  notBefore: '2026-11-01T00:00:00.000Z',
  validUntil: '2026-12-01T00:00:00.000Z',
  paidUntil: '2027-11-01T00:00:00.000Z',
  minCrl: 0,
  kid: '0123456789abcdef',
  mode: 'valid',
  reason: null,
  message: 'La licencia está vigente.',
  graceDaysLeft: null,
  lastCheck: '2026-11-21T12:00:00.000Z',
  lastSuccess: null,
  nextCheck: '2026-11-21T13:00:00.000Z',
  lastRefusal: null,
  clock: { verdict: 'ok', offBySeconds: 0, time: '2026-11-21T00:00:00.000Z', mark: null },
  crl: { series: 'a', number: 3, issuedAt: null, nextUpdate: null, ageSeconds: 7_200, stale: false, revoked: 0 },
  machine: { match: 3, same: true, changedAt: null, rebindAllowedAt: null, unread: [] },
  refusedKeys: [],
  waits: [{ kind: 'cfdi.stamp', waiting: 0 }],
};

describe('the licence on one screen', () => {
  it('tells both lifetimes, the last and the next check, plan, list, machine and clock', () => {
    const sheet = sheetOf(valid);
    expect(sheet.split('\n').length).toBeLessThan(24);
    for (const said of [
      /^Licencia vigente: La licencia está vigente\.$/m,
      /^ {2}Cliente +ESCUELA KEMPER URGATE \(EKU9003173C9\)$/m,
      /^ {2}Plan +tienda, cfdi, sucursales: 2$/m,
      /^ {2}Este archivo +hasta el 2026-12-01, quedan 10 días; se renueva solo$/m,
      /^ {2}Contrato pagado +hasta el 2027-11-01, quedan 345 días$/m,
      /^ {2}Última renovación +nunca$/m,
      /^ {2}Revocaciones +lista 3, de hace 2 horas$/m,
      /^ {2}Equipo +el mismo \(3 de 3\)$/m,
      /^ {2}Reloj +correcto$/m,
    ])
      expect(sheet).toMatch(said);
    expect(sheet).not.toMatch(/Esperan|Portal|Llave/);
  });

  it('tells what is wrong, how long it may go on, and what waits', () => {
    const sheet = sheetOf({
      ...valid,
      mode: 'grace',
      reason: 'file expired',
      message: 'La licencia venció.',
      graceDaysLeft: 5,
      validUntil: '2026-11-19T00:00:00.000Z',
      clock: { ...valid.clock, verdict: 'behind', offBySeconds: -90_000 },
      crl: { ...valid.crl, stale: true },
      machine: {
        match: 1,
        same: false,
        changedAt: null,
        rebindAllowedAt: '2026-12-05T00:00:00.000Z',
        unread: ['machine-id'],
      },
      lastRefusal: { code: 'unpaid', message: 'no paid\u001b[31m', at: '2026-11-20T00:00:00.000Z' },
      refusedKeys: [{ position: 2, start: '3b6a27bc', why: 'no tiene exactamente 64 dígitos' }],
      waits: [{ kind: 'cfdi.stamp', waiting: 12 }],
    });
    expect(sheet.split('\n').length).toBeLessThan(24);
    for (const said of [
      /^Licencia en días de gracia/,
      /venció el 2026-11-19, hace 2 días/,
      /Días de gracia +quedan 5/,
      /lista 3, de hace 2 horas \(atrasada\)/,
      /cambió \(1 de 3\).*rebind, desde el 2026-12-05/,
      /Reloj +atrasado 1 día/,
      /Esperan +cfdi\.stamp: 12/,
      /Portal +no renovó: no paid \[31m \(unpaid\)/,
      /Llave rechazada +la 2\.ª \(3b6a27bc…\) no tiene exactamente 64 dígitos/,
    ])
      expect(sheet).toMatch(said);
  });

  it('is short where there is no licence', () => {
    const none = { id: null, customer: null, rfc: null, plan: null, entitlements: null, binding: null } as const;
    const state = { ...valid, ...none, mode: 'invalid', message: 'No hay licencia.', lastCheck: null } as const;
    expect(sheetOf(state)).toMatch(
      /^Licencia no válida: No hay licencia\.\n\n {2}Documento +no hay\n {2}Última revisión +nunca/,
    );
  });
});
