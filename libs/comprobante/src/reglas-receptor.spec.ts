import { describe, expect, it } from '@jest/globals';
import type { Documento } from './documento.ts';
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
    ['with another use of its régimen', { ...resident(), 'receptor.usoCfdi': 'G02' }],
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
    ['with a use of others', { ...resident(), 'receptor.usoCfdi': 'G03' }, 'receptor.usoCfdi', 'cfdi.catalogue'],
    ['that has an RFC', { 'receptor.residenciaFiscal': 'USA' }, 'receptor.residenciaFiscal', 'cfdi.forbidden'],
    ['that has an RFC and a tax id', { 'receptor.numRegIdTrib': '1' }, 'receptor.numRegIdTrib', 'cfdi.forbidden'],
  ])('is refused %s', (_what, changes, path, code) => {
    expect(judge(put(changes))).toMatchObject([{ path, code }]);
  });
});

describe('the use of a CFDI', () => {
  it.each<[string, Documento]>([
    ['goods on their way', put({ 'receptor.usoCfdi': 'G01' }, ejemploDeTraslado())],
    ['a sale, of a payment', put({ 'receptor.usoCfdi': 'CP01' })],
  ])('is what person and régimen may have: of %s', (_what, documento) => {
    expect(judge(documento)).toEqual([]);
  });

  it('is refused where person or régimen may not have it', () => {
    expect(judge(put({ 'receptor.usoCfdi': 'CN01' }))).toMatchObject([
      {
        path: 'receptor.usoCfdi',
        message: 'El uso del CFDI no está permitido a una persona física con el régimen 612.',
      },
    ]);
  });

  it('is one alone of a payment', () => {
    expect(judge(put({ 'receptor.usoCfdi': 'S01' }, ejemploDePagos()))).toMatchObject([
      { path: 'receptor.usoCfdi', message: 'El uso del CFDI de un comprobante de pago es CP01.' },
    ]);
  });
});

describe('how the receiver is reached', () => {
  it.each([
    ['telefono', '55 1234 5678 ext. 12'],
    ['telefono', '(999) 123-4567 / 999 765 4321 con Ana'],
    ['telefono', '911'],
    ['email', 'a@example.mx; b@example.com.mx, c@example.mx'],
    ['email', ' cliente@example.mx '],
  ])('is taken as people write it: %s %s', (field, value) => {
    expect(judge(put({ [`receptor.${field}`]: value }))).toEqual([]);
  });

  it.each([
    ['telefono', '', 'cfdi.length'],
    ['telefono', '5'.repeat(301), 'cfdi.length'],
    ['telefono', '55\u0007', 'cfdi.character'],
    ['email', 'cliente', 'cfdi.pattern'],
    ['email', 'a@example.mx;', 'cfdi.pattern'],
  ])('is refused in words of ours, never of the tax authority: %s %j', (field, value, code) => {
    const faltas = judge(put({ [`receptor.${field}`]: value }));
    expect(faltas).toMatchObject([{ path: `receptor.${field}`, code }]);
    expect(faltas[0]?.message).not.toMatch(/SAT/);
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
