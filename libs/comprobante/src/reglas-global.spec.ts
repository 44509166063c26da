import { describe, expect, it } from '@jest/globals';
import { ejemploDeEgreso, ejemploDeIngreso, ejemploGlobal } from './ejemplo.ts';
import { judge, put } from './reglas.conformance.ts';
import { reglas } from './reglas.ts';

const info = { periodicidad: '01', meses: '11', anio: '2026' };

describe('the global invoice', () => {
  it.each<[string, Record<string, unknown>]>([
    ['of a day', {}],
    ['of last year', { 'informacionGlobal.anio': '2025' }],
    ['of a week', { 'informacionGlobal.periodicidad': '02' }],
    ['of two months', { informacionGlobal: { ...info, periodicidad: '05', meses: '16' } }],
    ['paid later', { metodoPago: 'PPD', formaPago: '99' }],
    [
      'of fuel by the litre',
      {
        'conceptos[0].claveProdServ': '15101514',
        'conceptos[0].claveUnidad': 'LTR',
        'conceptos[0].noIdentificacion': undefined,
        'conceptos[0].cantidad': '41.207',
      },
    ],
    ['with a name that white space surrounds', { 'receptor.nombre': ' PUBLICO  EN GENERAL\n' }],
  ])('may be %s', (_what, changes) => {
    expect(judge(put(changes, ejemploGlobal()))).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['without its period', { informacionGlobal: undefined }, 'informacionGlobal', 'cfdi.required'],
    ['of long ago', { 'informacionGlobal.anio': '2024' }, 'informacionGlobal.anio', 'cfdi.range'],
    ['of next year', { 'informacionGlobal.anio': '2027' }, 'informacionGlobal.anio', 'cfdi.range'],
    [
      'of a period that is none',
      { 'informacionGlobal.periodicidad': '06' },
      'informacionGlobal.periodicidad',
      'cfdi.catalogue',
    ],
    ['of a month that is none', { 'informacionGlobal.meses': '19' }, 'informacionGlobal.meses', 'cfdi.catalogue'],
    ['of a day in two months', { 'informacionGlobal.meses': '13' }, 'informacionGlobal.meses', 'cfdi.forbidden'],
    [
      'of two months in a month',
      { 'informacionGlobal.periodicidad': '05' },
      'informacionGlobal.meses',
      'cfdi.forbidden',
    ],
    ['to another postal code', { 'receptor.domicilioFiscal': '06000' }, 'receptor.domicilioFiscal', 'cfdi.forbidden'],
    ['to another régimen', { 'receptor.regimenFiscal': '612' }, 'receptor.regimenFiscal', 'cfdi.forbidden'],
    ['in a credit note', { tipo: 'E' }, 'informacionGlobal', 'cfdi.forbidden'],
  ])('may not be %s', (_what, changes, path, code) => {
    expect(judge(put(changes, ejemploGlobal()))).toMatchObject([{ path, code }]);
  });

  it('is of two months only when its issuer is of the régimen 621, where that is known', () => {
    const bimonthly = put({ informacionGlobal: { ...info, periodicidad: '05', meses: '16' } }, ejemploGlobal());
    const ahora = new Date('2026-11-21T12:00:00Z');
    expect(reglas(bimonthly, { ahora, regimenDelEmisor: '601' })).toMatchObject([
      { path: 'informacionGlobal.periodicidad', code: 'cfdi.forbidden' },
    ]);
    expect(reglas(bimonthly, { ahora, regimenDelEmisor: '621' })).toEqual([]);
    expect(reglas(ejemploGlobal(), { ahora, regimenDelEmisor: '621' })).toEqual([]);
  });

  it('goes by the year at the place of issue', () => {
    const inCancun = ejemploGlobal({ lugarExpedicion: '77500', zonaHoraria: undefined });
    const { receptor } = inCancun;
    const documento = put(
      { informacionGlobal: { ...info, meses: '01', anio: '2027' } },
      { ...inCancun, receptor: { ...receptor, domicilioFiscal: '77500' } },
    );
    expect(reglas(documento, { ahora: new Date('2027-01-01T05:30:00Z') })).toEqual([]);
    expect(reglas(documento, { ahora: new Date('2027-01-01T04:30:00Z') })).toMatchObject([
      { path: 'informacionGlobal.anio' },
    ]);
  });

  it('is to the general public alone', () => {
    const toSomebody = ejemploDeIngreso({ informacionGlobal: info });
    expect(judge(toSomebody)).toMatchObject([{ path: 'informacionGlobal', code: 'cfdi.forbidden' }]);
    const named = put({ 'receptor.nombre': 'PUBLICO EN GENERAL' });
    expect(judge(named)).toMatchObject([{ path: 'receptor.nombre', code: 'cfdi.forbidden' }]);
  });

  it('has a credit note that needs no period', () => {
    const { receptor } = ejemploGlobal();
    const back = ejemploDeEgreso({ receptor });
    expect(judge(back)).toEqual([]);
    expect(judge({ ...back, informacionGlobal: info })).toMatchObject([
      { path: 'informacionGlobal', message: 'Solo un comprobante de ingreso lleva informacionGlobal.' },
    ]);
    expect(judge({ ...back, receptor: { ...receptor, usoCfdi: 'G02' } })).toEqual([]);
  });
});
