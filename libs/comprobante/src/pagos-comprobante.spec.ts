import { describe, expect, it } from '@jest/globals';
import type { Documento } from './documento.ts';
import { ejemploDeIngreso } from './ejemplo.ts';
import type { Falta } from './falta.ts';
import { ejemploDePago, ejemploDePagos } from './pagos-ejemplo.ts';
import { reglas } from './reglas.ts';

describe('a comprobante of tipo P as a whole', () => {
  const ahora = new Date('2026-11-21T15:30:00Z');
  const whole = (changes: Partial<Documento>): readonly Falta[] =>
    reglas({ ...ejemploDePagos(), ...changes }, { ahora });

  it('passes as the example, and with what it may say although it need not', () => {
    expect(whole({})).toEqual([]);
    const concepto = {
      claveProdServ: '84111506',
      cantidad: '1',
      claveUnidad: 'ACT',
      descripcion: 'Pago',
      valorUnitario: '0',
      importe: '0',
      objetoImp: '01',
    };
    expect(whole({ moneda: 'XXX', conceptos: [concepto], subTotal: '0', total: '0' })).toEqual([]);
    expect(whole({ addenda: '<orden xmlns="urn:cliente">7</orden>' })).toEqual([]);
  });

  it.each<[string, Partial<Documento>, string]>([
    ['a way of payment', { formaPago: '03' }, 'formaPago'],
    ['a method of payment', { metodoPago: 'PUE' }, 'metodoPago'],
    ['conditions of payment', { condicionesDePago: 'Contado' }, 'condicionesDePago'],
    ['a currency of its own', { moneda: 'MXN' }, 'moneda'],
    ['lines of its own', { conceptos: ejemploDeIngreso().conceptos }, 'conceptos'],
    ['a total', { total: '116.00' }, 'total'],
    ['a discount', { descuento: '1.00' }, 'descuento'],
    ['taxes', { totalImpuestosTrasladados: '16.00' }, 'totalImpuestosTrasladados'],
    ['an export', { exportacion: '04' }, 'exportacion'],
    ['a global invoice', { informacionGlobal: { periodicidad: '01', meses: '11', anio: '2026' } }, 'informacionGlobal'],
    ['another use than CP01', { receptor: { ...ejemploDePagos().receptor, usoCfdi: 'G03' } }, 'receptor.usoCfdi'],
    ['no payments', { pagos: [] }, 'pagos'],
  ])('must not carry %s', (_what, changes, path) => {
    expect(whole(changes)).toMatchObject([{ path }]);
  });

  it('may tell of a payment of today where today has begun earlier than in the capital', () => {
    const pagos = [ejemploDePago({ fechaPago: '2026-11-22T00:05:00' })];
    const inCancun = { pagos, lugarExpedicion: '77500', zonaHoraria: 'America/Cancun' };
    const late = { ahora: new Date('2026-11-22T05:30:00Z') };
    expect(reglas({ ...ejemploDePagos(), ...inCancun }, late)).toEqual([]);
    expect(reglas({ ...ejemploDePagos(), pagos }, late)).toMatchObject([{ path: 'pagos[0].fechaPago' }]);
  });
});
