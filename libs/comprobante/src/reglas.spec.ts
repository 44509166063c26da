import { describe, expect, it } from '@jest/globals';
import { isMalformed } from './falta.ts';
import { judge, put } from './reglas.conformance.ts';

const TRASLADO = 'conceptos[0].impuestos.traslados[0]';
const retencion = (changes: object): object => ({ impuesto: '001', tipoFactor: 'Tasa', tasaOCuota: '0.1', ...changes });
const pago = {
  fechaPago: '2026-11-20T12:00:00',
  formaDePagoP: '03',
  monedaP: 'MXN',
  monto: '1',
  doctosRelacionados: [],
};
const toPublic = {
  'receptor.rfc': 'XAXX010101000',
  'receptor.nombre': 'PUBLICO EN GENERAL',
  'receptor.regimenFiscal': '616',
  'receptor.usoCfdi': 'S01',
  'receptor.domicilioFiscal': '42501',
};

describe('reglas', () => {
  it.each<[string, Record<string, unknown>]>([
    ['the example', {}],
    ['a sale without serie and folio', { serie: undefined, folio: undefined, condicionesDePago: undefined }],
    ['a customer of the general public with a name', { ...toPublic, 'receptor.nombre': 'JUAN PEREZ' }],
    ['a foreigner', { ...toPublic, 'receptor.rfc': 'XEXX010101000', 'receptor.nombre': 'Acme Inc.' }],
    ['a legal entity', { 'receptor.rfc': 'URE180429TM6', 'receptor.regimenFiscal': '601' }],
    ['an RFC with Ñ and &', { 'receptor.rfc': 'Ñ&A920208KL4', 'receptor.regimenFiscal': '601' }],
    ['dollars', { moneda: 'USD', tipoCambio: '18.2345' }],
    ['pesos with exchange rate 1', { tipoCambio: '1.000000' }],
    ['payment later', { metodoPago: 'PPD', formaPago: '99' }],
    ['a line without tax', { 'conceptos[0].objetoImp': '01', 'conceptos[0].impuestos': undefined }],
    ['an exempt line', { [`${TRASLADO}.tipoFactor`]: 'Exento', [`${TRASLADO}.tasaOCuota`]: undefined }],
    ['a rate written short', { [`${TRASLADO}.tasaOCuota`]: '0.16' }],
    [
      'retenciones',
      { 'conceptos[0].impuestos.retenciones': [retencion({}), retencion({ impuesto: '002', tasaOCuota: '0.106667' })] },
    ],
    ['a related document', { relacionados: [{ tipoRelacion: '04', uuids: ['5FB2822E-396D-4725-8521-CDC4BDD20CCF'] }] }],
    ['no list at all where lists may be empty', { relacionados: [], pagos: [] }],
    ['an addenda', { addenda: '<pedido xmlns="urn:x" numero="1"/>' }],
    [
      'totals that agree, however written',
      {
        subTotal: '99.990',
        descuento: '0',
        total: '115.99',
        totalImpuestosTrasladados: '16',
        totalImpuestosRetenidos: '0.00',
      },
    ],
    [
      'figures of lines that agree',
      { 'conceptos[0].importe': '99.99', [`${TRASLADO}.base`]: '99.990000', [`${TRASLADO}.importe`]: '15.9984' },
    ],
    [
      'an Importe that rounds to nothing',
      {
        'conceptos[0].cantidad': '0.4',
        'conceptos[0].valorUnitario': '0.000001',
        'conceptos[0].objetoImp': '01',
        'conceptos[0].impuestos': undefined,
      },
    ],
    ['a unit with a small letter', { 'conceptos[0].claveUnidad': 'Ohm' }],
    ['a border town', { lugarExpedicion: '88000', zonaHoraria: 'America/Matamoros' }],
  ])('lets %s pass', (_what, changes) => {
    expect(judge(put(changes))).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['a type that is no type', { tipo: 'X' }, 'tipo', 'cfdi.catalogue'],
    ['payroll', { tipo: 'N' }, 'tipo', 'cfdi.unsupported'],
    ['payments in a sale', { pagos: [pago] }, 'pagos', 'cfdi.forbidden'],
    ['an export that needs a complemento', { exportacion: '02' }, 'exportacion', 'cfdi.unsupported'],
    ['an unknown export', { exportacion: '09' }, 'exportacion', 'cfdi.catalogue'],
    ['an externalId with spaces at its end', { externalId: 'venta-1 ' }, 'externalId', 'cfdi.pattern'],
    ['an empty externalId', { externalId: ' ' }, 'externalId', 'cfdi.length'],
    ['a wrong issuer', { emisor: 'EKU9003173c9' }, 'emisor', 'cfdi.pattern'],
    ['a wrong RFC', { 'receptor.rfc': 'CACX7613101P8' }, 'receptor.rfc', 'cfdi.pattern'],
    ['an RFC with white space', { 'receptor.rfc': 'CACX7605101P8 ' }, 'receptor.rfc', 'cfdi.pattern'],
    ['a bar in a text', { 'conceptos[0].descripcion': 'a|b' }, 'conceptos[0].descripcion', 'cfdi.character'],
    ['a bar in a name', { 'receptor.nombre': 'A|B' }, 'receptor.nombre', 'cfdi.character'],
    ['a control character', { serie: 'A\u0007' }, 'serie', 'cfdi.character'],
    ['an empty serie', { serie: '' }, 'serie', 'cfdi.length'],
    ['a long serie', { serie: 'x'.repeat(26) }, 'serie', 'cfdi.length'],
    ['a long folio', { folio: 'x'.repeat(41) }, 'folio', 'cfdi.length'],
    ['a name of white space', { 'receptor.nombre': '\t\n ' }, 'receptor.nombre', 'cfdi.length'],
    ['a long description', { 'conceptos[0].descripcion': 'x'.repeat(1001) }, 'conceptos[0].descripcion', 'cfdi.length'],
    ['a postal code of four digits', { lugarExpedicion: '4250' }, 'lugarExpedicion', 'cfdi.pattern'],
    ['a postal code of no state', { lugarExpedicion: '17000' }, 'lugarExpedicion', 'cfdi.catalogue'],
    ['a foreign zone', { zonaHoraria: 'Europe/Madrid' }, 'zonaHoraria', 'cfdi.catalogue'],
    ['no way of payment', { formaPago: undefined }, 'formaPago', 'cfdi.required'],
    ['an unknown way of payment', { formaPago: '07' }, 'formaPago', 'cfdi.catalogue'],
    ['no payment method', { metodoPago: undefined }, 'metodoPago', 'cfdi.required'],
    ['PPD paid in cash', { metodoPago: 'PPD', formaPago: '01' }, 'formaPago', 'cfdi.forbidden'],
    ['no currency', { moneda: undefined }, 'moneda', 'cfdi.required'],
    ['the currency of nothing', { moneda: 'XXX' }, 'moneda', 'cfdi.forbidden'],
    ['a currency that is none', { moneda: 'toString' }, 'moneda', 'cfdi.catalogue'],
    ['dollars without a rate', { moneda: 'USD' }, 'tipoCambio', 'cfdi.required'],
    ['dollars for nothing', { moneda: 'USD', tipoCambio: '0' }, 'tipoCambio', 'cfdi.range'],
    ['pesos at 18', { tipoCambio: '18' }, 'tipoCambio', 'cfdi.range'],
    ['a confirmation of four', { confirmacion: 'AB12' }, 'confirmacion', 'cfdi.pattern'],
    [
      'the régimen of another sort of person',
      { 'receptor.regimenFiscal': '601' },
      'receptor.regimenFiscal',
      'cfdi.catalogue',
    ],
    ['an unknown régimen', { 'receptor.regimenFiscal': '999' }, 'receptor.regimenFiscal', 'cfdi.catalogue'],
    ['a use that the régimen does not have', { 'receptor.regimenFiscal': '605' }, 'receptor.usoCfdi', 'cfdi.catalogue'],
    [
      'a domicile that is no postal code',
      { 'receptor.domicilioFiscal': 'CDMX' },
      'receptor.domicilioFiscal',
      'cfdi.pattern',
    ],
    ['an e-mail without at', { 'receptor.email': 'cliente.example.mx' }, 'receptor.email', 'cfdi.pattern'],
    [
      'a relation of no kind',
      { relacionados: [{ tipoRelacion: '99', uuids: ['5FB2822E-396D-4725-8521-CDC4BDD20CCF'] }] },
      'relacionados[0].tipoRelacion',
      'cfdi.catalogue',
    ],
    [
      'a relation to nothing',
      { relacionados: [{ tipoRelacion: '01', uuids: [] }] },
      'relacionados[0].uuids',
      'cfdi.required',
    ],
    [
      'a folio fiscal cut short',
      { relacionados: [{ tipoRelacion: '01', uuids: ['5FB2822E'] }] },
      'relacionados[0].uuids[0]',
      'cfdi.pattern',
    ],
    ['no lines', { conceptos: [] }, 'conceptos', 'cfdi.required'],
    ['no list of lines', { conceptos: undefined }, 'conceptos', 'cfdi.required'],
    [
      'a product key of seven digits',
      { 'conceptos[0].claveProdServ': '0101010' },
      'conceptos[0].claveProdServ',
      'cfdi.pattern',
    ],
    ['a unit in small letters', { 'conceptos[0].claveUnidad': 'h87' }, 'conceptos[0].claveUnidad', 'cfdi.catalogue'],
    ['no quantity', { 'conceptos[0].cantidad': '0' }, 'conceptos[0].cantidad', 'cfdi.range'],
    ['a negative quantity', { 'conceptos[0].cantidad': '-1' }, 'conceptos[0].cantidad', 'cfdi.pattern'],
    ['seven decimals', { 'conceptos[0].cantidad': '1.0000001' }, 'conceptos[0].cantidad', 'cfdi.pattern'],
    ['an exponent', { 'conceptos[0].valorUnitario': '1e3' }, 'conceptos[0].valorUnitario', 'cfdi.pattern'],
    ['a free line', { 'conceptos[0].valorUnitario': '0.00' }, 'conceptos[0].valorUnitario', 'cfdi.range'],
    [
      'an amount too great',
      { 'conceptos[0].cantidad': '999999999999', 'conceptos[0].valorUnitario': '9999999999' },
      'conceptos[0].valorUnitario',
      'cfdi.range',
    ],
    ['a discount above the price', { 'conceptos[0].descuento': '100' }, 'conceptos[0].descuento', 'cfdi.range'],
    ['a discount that leaves no base', { 'conceptos[0].descuento': '99.99' }, `${TRASLADO}.base`, 'cfdi.range'],
    ['objetoImp 02 without taxes', { 'conceptos[0].impuestos': undefined }, 'conceptos[0].impuestos', 'cfdi.required'],
    ['objetoImp 01 with taxes', { 'conceptos[0].objetoImp': '01' }, 'conceptos[0].impuestos', 'cfdi.forbidden'],
    ['objetoImp 06 with IVA', { 'conceptos[0].objetoImp': '06' }, 'conceptos[0].impuestos', 'cfdi.forbidden'],
    ['an unknown objetoImp', { 'conceptos[0].objetoImp': '99' }, 'conceptos[0].objetoImp', 'cfdi.catalogue'],
    ['ISR passed on', { [`${TRASLADO}.impuesto`]: '001' }, `${TRASLADO}.impuesto`, 'cfdi.catalogue'],
    ['an unknown tax', { [`${TRASLADO}.impuesto`]: 'toString' }, `${TRASLADO}.impuesto`, 'cfdi.catalogue'],
    ['a factor that is none', { [`${TRASLADO}.tipoFactor`]: 'tasa' }, `${TRASLADO}.tipoFactor`, 'cfdi.catalogue'],
    [
      'a rate that IVA does not have',
      { [`${TRASLADO}.tasaOCuota`]: '0.15' },
      `${TRASLADO}.tasaOCuota`,
      'cfdi.catalogue',
    ],
    ['no rate', { [`${TRASLADO}.tasaOCuota`]: undefined }, `${TRASLADO}.tasaOCuota`, 'cfdi.required'],
    ['an exempt rate', { [`${TRASLADO}.tipoFactor`]: 'Exento' }, `${TRASLADO}.tasaOCuota`, 'cfdi.forbidden'],
    [
      'an exempt retención',
      { 'conceptos[0].impuestos.retenciones': [{ impuesto: '001', tipoFactor: 'Exento' }] },
      'conceptos[0].impuestos.retenciones[0].tipoFactor',
      'cfdi.forbidden',
    ],
    [
      'ISR above 35 %',
      { 'conceptos[0].impuestos.retenciones': [retencion({ tasaOCuota: '0.350001' })] },
      'conceptos[0].impuestos.retenciones[0].tasaOCuota',
      'cfdi.catalogue',
    ],
    [
      'more withheld than earned',
      {
        'conceptos[0].objetoImp': '02',
        'conceptos[0].impuestos.retenciones': [1, 2, 3, 4].map(() => retencion({ tasaOCuota: '0.35' })),
      },
      'total',
      'cfdi.range',
    ],
    ['an addenda that is no XML', { addenda: 'hola' }, 'addenda', 'cfdi.addenda'],
    ['a wrong subtotal', { subTotal: '100' }, 'subTotal', 'cfdi.sum'],
    ['a wrong total', { total: '116.00' }, 'total', 'cfdi.sum'],
    ['a wrong line', { 'conceptos[0].importe': '100.00' }, 'conceptos[0].importe', 'cfdi.sum'],
    ['a wrong base', { [`${TRASLADO}.base`]: '99.98' }, `${TRASLADO}.base`, 'cfdi.sum'],
    ['a total with a comma', { total: '1,115.99' }, 'total', 'cfdi.pattern'],
  ])('refuses %s, naming the field', (_what, changes, path, code) => {
    const found = judge(put(changes));
    expect(found).toMatchObject([{ path, code }]);
    expect(found.some((one) => isMalformed(one as never))).toBe(false);
  });

  it('names both figures when a total disagrees', () => {
    expect(judge(put({ total: '116.00' }))[0]?.message).toBe('total dice 116.00 y la suma da 115.99.');
  });

  it('names every fault at once', () => {
    const found = judge(put({ serie: 'a|b', 'receptor.rfc': 'x', 'conceptos[0].cantidad': '0' }));
    expect(found.map(({ path }) => path)).toEqual(['serie', 'receptor.rfc', 'conceptos[0].cantidad']);
  });

  it('repeats no name, address or text of a person in what it says', () => {
    const found = judge(put({ 'receptor.nombre': 'JUAN|PEREZ', 'receptor.email': 'secreto', 'receptor.rfc': 'PEPJ' }));
    expect(JSON.stringify(found)).not.toMatch(/JUAN|PEREZ|secreto|PEPJ/);
  });
});
