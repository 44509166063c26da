import { describe, expect, it } from '@jest/globals';
import { ejemploDeTraslado } from './ejemplo.ts';
import { ejemploDePagos } from './pagos-ejemplo.ts';
import { judge, put } from './reglas.conformance.ts';

const extranjero = {
  'receptor.rfc': 'XEXX010101000',
  'receptor.nombre': 'Acme Inc.',
  'receptor.domicilioFiscal': '42501',
  'receptor.regimenFiscal': '616',
  'receptor.usoCfdi': 'S01',
};
const resident = (residenciaFiscal?: string, numRegIdTrib?: string): Record<string, unknown> => ({
  ...extranjero,
  'receptor.residenciaFiscal': residenciaFiscal,
  'receptor.numRegIdTrib': numRegIdTrib,
});

describe('a foreign receiver', () => {
  it.each<[string, Record<string, unknown>]>([
    ['alone', resident()],
    ['with a country', resident('ESP')],
    ['with a country and a tax id', resident('ESP', 'B-12345678')],
    ['of the United States', resident('USA', '121585958')],
  ])('passes %s', (_what, changes) => {
    expect(judge(put(changes))).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['in a country that is none', resident('XXX'), 'receptor.residenciaFiscal', 'cfdi.catalogue'],
    ['in a country in two letters', resident('US'), 'receptor.residenciaFiscal', 'cfdi.catalogue'],
    ['in Mexico', resident('MEX'), 'receptor.residenciaFiscal', 'cfdi.forbidden'],
    ['with a tax id of nowhere', resident(undefined, '121585958'), 'receptor.residenciaFiscal', 'cfdi.required'],
    ['with a tax id of another form', resident('USA', '12-1585958'), 'receptor.numRegIdTrib', 'cfdi.pattern'],
    ['with a long tax id', resident('ESP', 'x'.repeat(41)), 'receptor.numRegIdTrib', 'cfdi.length'],
    [
      'of another régimen',
      { ...resident(), 'receptor.regimenFiscal': '612' },
      'receptor.regimenFiscal',
      'cfdi.forbidden',
    ],
    [
      'at another postal code',
      { ...resident(), 'receptor.domicilioFiscal': '06000' },
      'receptor.domicilioFiscal',
      'cfdi.forbidden',
    ],
    ['with a use of its own', { ...resident(), 'receptor.usoCfdi': 'G03' }, 'receptor.usoCfdi', 'cfdi.forbidden'],
    ['that gives something back', { ...resident(), 'receptor.usoCfdi': 'G02' }, 'receptor.usoCfdi', 'cfdi.forbidden'],
    ['that has an RFC', { 'receptor.residenciaFiscal': 'USA' }, 'receptor.residenciaFiscal', 'cfdi.forbidden'],
    ['that has an RFC and a tax id', { 'receptor.numRegIdTrib': '1' }, 'receptor.numRegIdTrib', 'cfdi.forbidden'],
  ])('is refused %s', (_what, changes, path, code) => {
    expect(judge(put(changes))).toMatchObject([{ path, code }]);
  });
});

describe('the use of a CFDI', () => {
  it.each([
    ['CP01', 'de ingreso'],
    ['CN01', 'de ingreso'],
  ])('%s is not one of a comprobante %s', (usoCfdi, which) => {
    const [first] = judge(put({ 'receptor.usoCfdi': usoCfdi }));
    expect(first).toMatchObject({
      path: 'receptor.usoCfdi',
      message: `El uso ${usoCfdi} no es de un comprobante ${which}.`,
    });
  });
});

describe('a use that is the only one', () => {
  it.each([
    ['a sale to a foreigner', put({ ...resident(), 'receptor.usoCfdi': 'G02' }), 'de ingreso a un RFC genérico es S01'],
    ['goods on their way', put({ 'receptor.usoCfdi': 'G03' }, ejemploDeTraslado()), 'de traslado es S01'],
    ['a payment', put({ 'receptor.usoCfdi': 'S01' }, ejemploDePagos()), 'de pago es CP01'],
  ])('is named for %s', (_what, documento, words) => {
    expect(judge(documento)).toMatchObject([{ message: `El uso del CFDI de un comprobante ${words}.` }]);
  });
});

describe('the issuer', () => {
  it('is told which of the RFCs is wrong', () => {
    const messages = judge(put({ emisor: 'EKU9003173', 'receptor.rfc': 'CACX' })).map(({ message }) => message);
    expect(messages).toEqual([
      'El RFC del emisor no tiene la forma que pide el SAT: 12 o 13 posiciones en mayúsculas.',
      'El RFC del receptor no tiene la forma que pide el SAT: 12 o 13 posiciones en mayúsculas.',
    ]);
  });

  it('says an operation number of ten digits when the buyer invoices in its place', () => {
    expect(judge(put({ facAtrAdquirente: '0123456789' }))).toEqual([]);
    expect(judge(put({ facAtrAdquirente: '123' }))).toMatchObject([{ path: 'facAtrAdquirente', code: 'cfdi.pattern' }]);
  });
});
