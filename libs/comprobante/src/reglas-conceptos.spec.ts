import { describe, expect, it } from '@jest/globals';
import { judge, put } from './reglas.conformance.ts';

const IVA = { impuesto: '002', tipoFactor: 'Tasa', tasaOCuota: '0.160000' };
const IEPS = { impuesto: '003', tipoFactor: 'Tasa', tasaOCuota: '0.080000' };
const CUOTA = { impuesto: '003', tipoFactor: 'Cuota', tasaOCuota: '5.4555', base: '3' };
const withheld = (impuesto: string): object => ({ impuesto, tipoFactor: 'Tasa', tasaOCuota: '0.06' });
const ISR = withheld('001');
const tercero = {
  rfc: 'H&E951128469',
  nombre: 'HERRERIA & ELECTRICOS',
  regimenFiscal: '601',
  domicilioFiscal: '06002',
};
const parte = { claveProdServ: '50201706', cantidad: '2', descripcion: 'Bolsa', valorUnitario: '1.50' };
const line = (objetoImp: string, traslados: object[], retenciones: object[] = []): Record<string, unknown> => ({
  'conceptos[0].objetoImp': objetoImp,
  'conceptos[0].impuestos': { traslados, retenciones },
});

describe('a line', () => {
  it.each<[string, Record<string, unknown>]>([
    ['IVA 8 %', { 'conceptos[0].impuestos.traslados[0].tasaOCuota': '0.08' }],
    ['IVA 0 %', { 'conceptos[0].impuestos.traslados[0].tasaOCuota': '0.000000' }],
    ['IVA and IEPS', line('02', [IVA, IEPS])],
    ['IVA on top of IEPS', line('02', [{ ...IVA, base: '107.9892' }, IEPS])],
    ['IEPS by the piece', line('02', [IVA, CUOTA])],
    ['ISR, IVA and IEPS withheld', line('02', [IVA], [ISR, withheld('002'), withheld('003')])],
    ['no tax, not being subject to any', line('01', [])],
    ['no tax told', line('03', [])],
    ['no tax due', line('04', [])],
    ['a PODEBI credit', line('05', [])],
    ['IVA not passed on', line('06', [])],
    ['IVA not passed on and ISR withheld', line('06', [], [ISR])],
    ['IEPS told and no IVA', line('07', [IEPS], [ISR, withheld('003')])],
    ['neither IVA nor IEPS told', line('08', [], [ISR])],
    ['pedimentos', { 'conceptos[0].informacionAduanera': [{ numeroPedimento: '15  48  3009  0001234' }] }],
    ['property tax accounts', { 'conceptos[0].cuentaPredial': [{ numero: '15956011002' }, { numero: 'A1' }] }],
    ['a third party', { 'conceptos[0].aCuentaTerceros': tercero }],
    ['a third party of any régimen', { 'conceptos[0].aCuentaTerceros': { ...tercero, regimenFiscal: '612' } }],
    ['components', { 'conceptos[0].partes': [parte, { ...parte, valorUnitario: undefined, importe: '3' }] }],
    ['a component whose figure agrees', { 'conceptos[0].partes': [{ ...parte, importe: '3.000' }] }],
  ])('may have %s', (_what, changes) => {
    expect(judge(put(changes))).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['taxes where none are told', line('03', [IVA]), 'conceptos[0].impuestos', 'cfdi.forbidden'],
    ['taxes beside a PODEBI credit', line('05', [IVA]), 'conceptos[0].impuestos', 'cfdi.forbidden'],
    ['IEPS where IVA is not passed on', line('06', [IEPS]), 'conceptos[0].impuestos', 'cfdi.forbidden'],
    [
      'IVA withheld where it is not passed on',
      line('08', [], [withheld('002')]),
      'conceptos[0].impuestos',
      'cfdi.forbidden',
    ],
    ['no IEPS where it must be told', line('07', []), 'conceptos[0].impuestos', 'cfdi.required'],
    ['IVA beside IEPS told alone', line('07', [IEPS, IVA]), 'conceptos[0].impuestos', 'cfdi.forbidden'],
    [
      'IEPS on top of itself',
      line('02', [IVA, { ...IEPS, base: '107.9892' }]),
      'conceptos[0].impuestos.traslados[1].base',
      'cfdi.sum',
    ],
    [
      'IEPS of pieces that cannot be counted',
      line('02', [{ ...CUOTA, base: 'tres' }]),
      'conceptos[0].impuestos.traslados[0].base',
      'cfdi.pattern',
    ],
    [
      'IVA withheld beside ISR where it is not passed on',
      line('06', [], [ISR, withheld('002')]),
      'conceptos[0].impuestos',
      'cfdi.forbidden',
    ],
    [
      'IEPS of no piece',
      line('02', [{ ...CUOTA, base: '0' }]),
      'conceptos[0].impuestos.traslados[0].base',
      'cfdi.range',
    ],
    [
      'a Base that nothing explains',
      line('02', [{ ...IVA, base: '107.99' }, IEPS]),
      'conceptos[0].impuestos.traslados[0].base',
      'cfdi.sum',
    ],
    [
      'a pedimento with single spaces',
      { 'conceptos[0].informacionAduanera': [{ numeroPedimento: '15 48 3009 0001234' }] },
      'conceptos[0].informacionAduanera[0].numeroPedimento',
      'cfdi.pattern',
    ],
    [
      'a pedimento in a component with hyphens',
      { 'conceptos[0].partes': [{ ...parte, informacionAduanera: [{ numeroPedimento: '15-48-3009-0001234' }] }] },
      'conceptos[0].partes[0].informacionAduanera[0].numeroPedimento',
      'cfdi.pattern',
    ],
    [
      'a property tax account with hyphens',
      { 'conceptos[0].cuentaPredial': [{ numero: '159-560' }] },
      'conceptos[0].cuentaPredial[0].numero',
      'cfdi.pattern',
    ],
    [
      'the receiver as third party',
      { 'conceptos[0].aCuentaTerceros': { ...tercero, rfc: 'CACX7605101P8', regimenFiscal: '612' } },
      'conceptos[0].aCuentaTerceros.rfc',
      'cfdi.forbidden',
    ],
    [
      'the issuer as third party',
      { 'conceptos[0].aCuentaTerceros': { ...tercero, rfc: 'EKU9003173C9' } },
      'conceptos[0].aCuentaTerceros.rfc',
      'cfdi.forbidden',
    ],
    [
      'the general public as third party',
      { 'conceptos[0].aCuentaTerceros': { ...tercero, rfc: 'XAXX010101000', regimenFiscal: '616' } },
      'conceptos[0].aCuentaTerceros.rfc',
      'cfdi.forbidden',
    ],
    [
      'a third party without RFC',
      { 'conceptos[0].aCuentaTerceros': { ...tercero, rfc: '' } },
      'conceptos[0].aCuentaTerceros.rfc',
      'cfdi.pattern',
    ],
    [
      'a third party of no régimen',
      { 'conceptos[0].aCuentaTerceros': { ...tercero, regimenFiscal: '699' } },
      'conceptos[0].aCuentaTerceros.regimenFiscal',
      'cfdi.catalogue',
    ],
    [
      'a third party without a home',
      { 'conceptos[0].aCuentaTerceros': { ...tercero, domicilioFiscal: '6002' } },
      'conceptos[0].aCuentaTerceros.domicilioFiscal',
      'cfdi.pattern',
    ],
    [
      'a component of no quantity',
      { 'conceptos[0].partes': [{ ...parte, cantidad: '0' }] },
      'conceptos[0].partes[0].cantidad',
      'cfdi.range',
    ],
    [
      'a component for nothing',
      { 'conceptos[0].partes': [{ ...parte, valorUnitario: '0' }] },
      'conceptos[0].partes[0].valorUnitario',
      'cfdi.range',
    ],
    [
      'a component whose figure disagrees',
      { 'conceptos[0].partes': [{ ...parte, importe: '3.01' }] },
      'conceptos[0].partes[0].importe',
      'cfdi.sum',
    ],
  ])('may not have %s', (_what, changes, path, code) => {
    expect(judge(put(changes))).toMatchObject([{ path, code }]);
  });
});
