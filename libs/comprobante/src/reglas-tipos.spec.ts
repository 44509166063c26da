import { describe, expect, it } from '@jest/globals';
import { ejemploDeEgreso, ejemploDeTraslado } from './ejemplo.ts';
import { ejemploDePagos } from './pagos-ejemplo.ts';
import { judge, put } from './reglas.conformance.ts';
import { CONCEPTO_DE_PAGO } from './tipos.ts';

const IMPUESTOS = { traslados: [{ impuesto: '002', tipoFactor: 'Tasa', tasaOCuota: '0.16' }] };

describe('a comprobante de egreso', () => {
  it.each<[string, Record<string, unknown>]>([
    ['as the example has it', {}],
    ['without related documents', { relacionados: undefined }],
    [
      'with several sorts of relation',
      {
        relacionados: [
          {
            tipoRelacion: '01',
            uuids: ['5FB2822E-396D-4725-8521-CDC4BDD20CCF', '5fb2822e-396d-4725-8521-cdc4bdd20cc0'],
          },
          { tipoRelacion: '07', uuids: ['5fb2822e-396d-4725-8521-cdc4bdd20cc1'] },
        ],
      },
    ],
    [
      'with terms, discount and another currency',
      {
        condicionesDePago: 'Contado',
        moneda: 'EUR',
        tipoCambio: '21.5',
        'conceptos[0].descuento': '3.33',
      },
    ],
    ['that returns an advance', { formaPago: '30', 'relacionados[0].tipoRelacion': '07' }],
    ['that settles later', { metodoPago: 'PPD', formaPago: '99' }],
  ])('passes %s', (_what, changes) => {
    expect(judge(put(changes, ejemploDeEgreso()))).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['without a way of payment', { formaPago: undefined }, 'formaPago', 'cfdi.required'],
    ['without a method of payment', { metodoPago: undefined }, 'metodoPago', 'cfdi.required'],
    ['without a currency', { moneda: undefined }, 'moneda', 'cfdi.required'],
    ['of no value', { 'conceptos[0].valorUnitario': '0' }, 'conceptos[0].valorUnitario', 'cfdi.range'],
  ])('is refused %s', (_what, changes, path, code) => {
    expect(judge(put(changes, ejemploDeEgreso()))).toMatchObject([{ path, code }]);
  });
});

describe('a comprobante de traslado', () => {
  it.each<[string, Record<string, unknown>]>([
    ['as the example has it', {}],
    ['with its currency of nothing', { moneda: 'XXX' }],
    ['with a value of the goods in pesos', { moneda: 'MXN', 'conceptos[0].valorUnitario': '12.50' }],
    ['with a value of the goods in dollars', { moneda: 'USD', tipoCambio: '18', 'conceptos[0].valorUnitario': '1' }],
    ['with totals of zero', { subTotal: '0', descuento: '0', total: '0.00', totalImpuestosTrasladados: '0' }],
    ['with a discount of nothing', { 'conceptos[0].descuento': '0' }],
    ['of goods that are taxed and say no tax', { 'conceptos[0].objetoImp': '03' }],
    [
      'of goods invoiced before',
      {
        relacionados: [{ tipoRelacion: '05', uuids: ['5fb2822e-396d-4725-8521-cdc4bdd20ccf'] }],
      },
    ],
    ['with empty lists of taxes', { 'conceptos[0].impuestos': { traslados: [], retenciones: [] } }],
  ])('passes %s', (_what, changes) => {
    expect(judge(put(changes, ejemploDeTraslado()))).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['with a way of payment', { formaPago: '01' }, 'formaPago', 'cfdi.forbidden'],
    ['with a method of payment', { metodoPago: 'PUE' }, 'metodoPago', 'cfdi.forbidden'],
    ['with terms of payment', { condicionesDePago: 'Contado' }, 'condicionesDePago', 'cfdi.forbidden'],
    ['with the exchange rate of nothing', { tipoCambio: '1' }, 'tipoCambio', 'cfdi.forbidden'],
    ['in dollars without a rate', { moneda: 'USD' }, 'tipoCambio', 'cfdi.required'],
    ['with taxes', { 'conceptos[0].impuestos': IMPUESTOS }, 'conceptos[0].impuestos', 'cfdi.forbidden'],
    [
      'of goods whose taxes must be told',
      { 'conceptos[0].objetoImp': '02' },
      'conceptos[0].objetoImp',
      'cfdi.forbidden',
    ],
    ['with a discount', { 'conceptos[0].descuento': '0.01' }, 'conceptos[0].descuento', 'cfdi.forbidden'],
    ['with a negative value', { 'conceptos[0].valorUnitario': '-1' }, 'conceptos[0].valorUnitario', 'cfdi.pattern'],
    ['of nothing', { 'conceptos[0].cantidad': '0' }, 'conceptos[0].cantidad', 'cfdi.range'],
    ['with a total', { total: '1' }, 'total', 'cfdi.sum'],
    [
      'with a period',
      {
        informacionGlobal: { periodicidad: '01', meses: '11', anio: '2026' },
      },
      'informacionGlobal',
      'cfdi.forbidden',
    ],
    ['that exports by key A1', { exportacion: '02' }, 'exportacion', 'cfdi.unsupported'],
    ['without lines', { conceptos: [] }, 'conceptos', 'cfdi.required'],
  ])('is refused %s', (_what, changes, path, code) => {
    expect(judge(put(changes, ejemploDeTraslado()))).toMatchObject([{ path, code }]);
  });

  it('says why in words of its own type', () => {
    const [first] = judge(put({ formaPago: '01' }, ejemploDeTraslado()));
    expect(first).toMatchObject({
      message: 'Un comprobante de traslado no lleva formaPago.',
      remedy: 'Quite formaPago.',
    });
  });
});

describe('a comprobante de pago', () => {
  const line = { ...CONCEPTO_DE_PAGO };
  const { importe: _, ...short } = line;

  it.each<[string, Record<string, unknown>]>([
    ['without lines', { conceptos: [] }],
    ['with its one line', { conceptos: [line] }],
    ['with its one line, short of the importe', { conceptos: [short] }],
    ['with its currency of nothing', { moneda: 'XXX' }],
    ['with totals of zero', { subTotal: '0', total: '0' }],
  ])('passes %s', (_what, changes) => {
    expect(judge(put(changes, ejemploDePagos()))).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['with its line twice', { conceptos: [line, line] }, 'conceptos', 'cfdi.forbidden'],
    ['with another line', { conceptos: [{ ...line, descripcion: 'Abono' }] }, 'conceptos', 'cfdi.forbidden'],
    ['with a line of another object', { conceptos: [{ ...line, objetoImp: '02' }] }, 'conceptos', 'cfdi.forbidden'],
    ['with more in its line', { conceptos: [{ ...line, unidad: 'Servicio' }] }, 'conceptos', 'cfdi.forbidden'],
    ['in pesos', { moneda: 'MXN' }, 'moneda', 'cfdi.forbidden'],
    ['with an exchange rate', { tipoCambio: '1' }, 'tipoCambio', 'cfdi.forbidden'],
    ['with a way of payment', { formaPago: '03' }, 'formaPago', 'cfdi.forbidden'],
    ['with a method of payment', { metodoPago: 'PUE' }, 'metodoPago', 'cfdi.forbidden'],
    ['with terms of payment', { condicionesDePago: 'Contado' }, 'condicionesDePago', 'cfdi.forbidden'],
    ['of an export', { exportacion: '03' }, 'exportacion', 'cfdi.forbidden'],
    ['with the use of a sale', { 'receptor.usoCfdi': 'G03' }, 'receptor.usoCfdi', 'cfdi.forbidden'],
    ['with a total', { total: '116' }, 'total', 'cfdi.sum'],
  ])('is refused %s', (_what, changes, path, code) => {
    expect(judge(put(changes, ejemploDePagos()))).toMatchObject([{ path, code }]);
  });

  it('has a line that stands as the guide has it', () => {
    expect(CONCEPTO_DE_PAGO).toEqual({
      claveProdServ: '84111506',
      cantidad: '1',
      claveUnidad: 'ACT',
      descripcion: 'Pago',
      valorUnitario: '0',
      importe: '0',
      objetoImp: '01',
    });
  });
});
