import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startJudge, type Change, type Judge } from './judged.conformance.ts';

let judge: Judge;
beforeAll(async () => {
  judge = await startJudge();
});
afterAll(() => judge.end());

const body =
  '<cfdi:Conceptos><cfdi:Concepto ClaveProdServ="84111506" Cantidad="1" ClaveUnidad="ACT" Descripcion="Pago" ValorUnitario="0" ' +
  'Importe="0" ObjetoImp="01"/></cfdi:Conceptos><cfdi:Complemento><pago20:Pagos xmlns:pago20="http://www.sat.gob.mx/Pagos20" Version="2.0">' +
  '<pago20:Totales TotalRetencionesISR="185.00" TotalTrasladosBaseIVA16="2850.00" TotalTrasladosImpuestoIVA16="456.00" ' +
  'TotalTrasladosBaseIVAExento="185.00" MontoTotalPagos="3330.19"/>' +
  // 1000 MXN at 18.5 and 100 USD: bases of 54.054054 + 100; taxes of 8.6486 + 16, cut and rounded alike to 24.6486.
  '<pago20:Pago FechaPago="2026-11-20T12:00:00" FormaDePagoP="03" MonedaP="USD" TipoCambioP="18.5" Monto="180.01" ' +
  'RfcEmisorCtaOrd="BNM840515VB1" CtaOrdenante="012345678901234567" RfcEmisorCtaBen="BSM970519DU8" CtaBeneficiario="0123456789" ' +
  'TipoCadPago="01" CertPago="TUlJ" CadPago="||1|SPEI||" SelloPago="QUJD">' +
  '<pago20:DoctoRelacionado IdDocumento="7f4c2a52-3c5b-4f0e-9a6e-0d1c2b3a4f5e" MonedaDR="MXN" EquivalenciaDR="18.5" NumParcialidad="1" ' +
  'ImpSaldoAnt="1160.00" ImpPagado="1160.00" ImpSaldoInsoluto="0.00" ObjetoImpDR="02"><pago20:ImpuestosDR><pago20:TrasladosDR>' +
  '<pago20:TrasladoDR BaseDR="1000.00" ImpuestoDR="002" TipoFactorDR="Tasa" TasaOCuotaDR="0.160000" ImporteDR="160.00"/>' +
  '</pago20:TrasladosDR></pago20:ImpuestosDR></pago20:DoctoRelacionado>' +
  '<pago20:DoctoRelacionado IdDocumento="8f4c2a52-3c5b-4f0e-9a6e-0d1c2b3a4f5e" MonedaDR="USD" EquivalenciaDR="1" NumParcialidad="2" ' +
  'ImpSaldoAnt="200.00" ImpPagado="116.00" ImpSaldoInsoluto="84.00" ObjetoImpDR="02"><pago20:ImpuestosDR>' +
  '<pago20:RetencionesDR><pago20:RetencionDR BaseDR="100" ImpuestoDR="001" TipoFactorDR="Tasa" TasaOCuotaDR="0.100000" ImporteDR="10.00"/></pago20:RetencionesDR>' +
  '<pago20:TrasladosDR><pago20:TrasladoDR BaseDR="100" ImpuestoDR="002" TipoFactorDR="Tasa" TasaOCuotaDR="0.160000" ImporteDR="16.00"/>' +
  '<pago20:TrasladoDR BaseDR="10" ImpuestoDR="002" TipoFactorDR="Exento"/></pago20:TrasladosDR></pago20:ImpuestosDR></pago20:DoctoRelacionado>' +
  '<pago20:ImpuestosP><pago20:RetencionesP><pago20:RetencionP ImpuestoP="001" ImporteP="10.00"/></pago20:RetencionesP><pago20:TrasladosP>' +
  '<pago20:TrasladoP BaseP="154.054054" ImpuestoP="002" TipoFactorP="Tasa" TasaOCuotaP="0.160000" ImporteP="24.6486"/>' +
  '<pago20:TrasladoP BaseP="10.00" ImpuestoP="002" TipoFactorP="Exento"/></pago20:TrasladosP></pago20:ImpuestosP></pago20:Pago>' +
  '</pago20:Pagos></cfdi:Complemento></cfdi:Comprobante>';

const toPayment: readonly Change[] = [
  [/ FormaPago="03"| MetodoPago="PUE"/, ''],
  [
    'SubTotal="99.99" Moneda="MXN" Total="115.99" TipoDeComprobante="I"',
    'SubTotal="0" Moneda="XXX" Total="0" TipoDeComprobante="P"',
  ],
  ['UsoCFDI="G03"', 'UsoCFDI="CP01"'],
  [/<cfdi:Conceptos>.*<\/cfdi:Comprobante>/, body],
];
const payment = (...changes: Change[]): Promise<string> => judge.changed(...toPayment, ...changes);

describe('the PAC judges payments', () => {
  it('stamps them', async () => {
    expect(await payment()).toBe('stamped');
  });

  it('takes a converted sum both cut and rounded at the decimals that are written', async () => {
    const written = (amount: string): Promise<string> => payment(['ImporteP="24.6486"', `ImporteP="${amount}"`]);
    // 160 ÷ 18.5 = 8.648648648…
    expect(await written('24.648648')).toBe('stamped');
    expect(await written('24.648649')).toBe('stamped');
    expect(await written('24.648647')).toBe('CRP20274');
  });

  it.each<[code: string, ...changes: Change[]]>([
    ['CRP20101', [/<cfdi:Complemento>.*<\/cfdi:Complemento>/, '']],
    ['CRP20102', ['Exportacion="01"', 'Exportacion="04"']],
    ['CRP20103', ['SubTotal="0"', 'SubTotal="0.00"']],
    ['CRP20104', ['Moneda="XXX"', 'Moneda="MXN"']],
    ['CRP20105', ['SubTotal="0"', 'FormaPago="03" SubTotal="0"']],
    ['CRP20107', ['SubTotal="0"', 'CondicionesDePago="x" SubTotal="0"']],
    ['CRP20111', [/<cfdi:Concepto ([^>]*)\/>/, '<cfdi:Concepto $1/><cfdi:Concepto $1/>']],
    ['CRP20113', ['ClaveProdServ="84111506"', 'ClaveProdServ="84111505"']],
    ['CRP20118', ['Descripcion="Pago"', 'Descripcion="Pagos"']],
    ['CRP20122', [' ObjetoImp="01"/>', ' ObjetoImp="04"/>']],
    ['CRP20202', ['TotalRetencionesISR="185.00"', 'TotalRetencionesISR="185.01"']],
    ['CRP20202', [' TotalRetencionesISR="185.00"', '']],
    ['CRP20201', ['TotalRetencionesISR', 'TotalRetencionesIVA="0.00" TotalRetencionesISR']],
    ['CRP20204', ['TotalTrasladosBaseIVA16="2850.00"', 'TotalTrasladosBaseIVA16="2849.99"']],
    ['CRP20205', ['TotalTrasladosImpuestoIVA16="456.00"', 'TotalTrasladosImpuestoIVA16="455.99"']],
    ['CRP20210', ['TotalTrasladosBaseIVAExento="185.00"', 'TotalTrasladosBaseIVAExento="184.99"']],
    ['CRP20211', ['MontoTotalPagos="3330.19"', 'MontoTotalPagos="3330.18"']],
    ['CRP20212', ['FormaDePagoP="03"', 'FormaDePagoP="99"']],
    ['CRP20213', ['MonedaP="USD"', 'MonedaP="XXX"']],
    ['CRP20214', [' TipoCambioP="18.5"', '']],
    ['CRP20215', ['MonedaP="USD"', 'MonedaP="MXN"']],
    ['CRP20276', ['Monto="180.01"', 'Monto="177.00"']],
    ['CRP20218', ['Monto="180.01"', 'Monto="0"']],
    ['CRP20219', ['Monto="180.01"', 'Monto="180.010"']],
    ['CRP20221', ['FormaDePagoP="03"', 'FormaDePagoP="01"']],
    ['CRP20223', ['RfcEmisorCtaOrd="BNM840515VB1"', 'RfcEmisorCtaOrd="XEXX010101000"']],
    [
      'CRP20225',
      ['CtaOrdenante="012345678901234567"', 'CtaOrdenante="0123456789012345"'],
      ['FormaDePagoP="03"', 'FormaDePagoP="02"'],
    ],
    ['CRP20226', ['CtaBeneficiario="0123456789"', 'CtaBeneficiario="01234567890"']],
    ['CRP20230', [' SelloPago="QUJD"', '']],
    ['CRP20236', ['MonedaDR="USD"', 'MonedaDR="XXX"']],
    ['CRP20237', [' EquivalenciaDR="18.5"', '']],
    ['CRP20238', ['EquivalenciaDR="1"', 'EquivalenciaDR="1.0000000000"']],
    ['CRP20240', ['ImpSaldoAnt="1160.00"', 'ImpSaldoAnt="1160.000"']],
    ['CRP20241', ['ImpPagado="116.00"', 'ImpPagado="0"']],
    ['CRP20244', ['ImpSaldoInsoluto="84.00"', 'ImpSaldoInsoluto="84.01"']],
    ['CRP20246', [/<pago20:ImpuestosDR><pago20:TrasladosDR>.*?<\/pago20:ImpuestosDR>/, '']],
    ['CRP20247', ['ObjetoImpDR="02"', 'ObjetoImpDR="01"']],
    ['CRP20278', ['ObjetoImpDR="02"', 'ObjetoImpDR="06"']],
    ['CRP20279', ['ObjetoImpDR="02"', 'ObjetoImpDR="07"']],
    ['CRP20248', [/<pago20:ImpuestosDR><pago20:TrasladosDR>.*?<\/pago20:ImpuestosDR>/, '<pago20:ImpuestosDR/>']],
    ['CRP20253', ['TasaOCuotaDR="0.100000"', 'TasaOCuotaDR="0.360000"']],
    ['CRP20254', ['ImporteDR="10.00"', 'ImporteDR="10.60"']],
    ['CRP20258', ['TipoFactorDR="Exento"', 'TipoFactorDR="Exento" TasaOCuotaDR="0.000000"']],
    ['CRP20259', ['TasaOCuotaDR="0.160000" ImporteDR="160.00"', 'TasaOCuotaDR="0.160000"']],
    ['CRP20260', ['TasaOCuotaDR="0.160000" ImporteDR="160.00"', 'TasaOCuotaDR="0.150000" ImporteDR="150.00"']],
    ['CRP20261', ['ImporteDR="160.00"', 'ImporteDR="160.02"']],
    ['CRP20265', ['ImpuestoP="001" ImporteP="10.00"', 'ImpuestoP="001" ImporteP="10.01"']],
    ['CRP20265', [/<pago20:RetencionesP>.*<\/pago20:RetencionesP>/, '']],
    ['CRP20263', [/(<pago20:RetencionP [^>]*>)/, '$1$1']],
    ['CRP20268', ['BaseP="154.054054"', 'BaseP="154.054055"']],
    ['CRP20271', [/(<pago20:TrasladoP BaseP="10.00"[^>]*>)/, '$1$1']],
    [
      'CRP20266',
      [
        'BaseP="10.00" ImpuestoP="002" TipoFactorP="Exento"',
        'BaseP="10.00" ImpuestoP="002" TipoFactorP="Exento" ImporteP="0"',
      ],
    ],
    ['301', ['NumParcialidad="2"', 'NumParcialidad="0"']],
    ['301', ['IdDocumento="8f4c2a52-', 'IdDocumento="']],
    ['301', ['RfcEmisorCtaBen="BSM970519DU8"', 'RfcEmisorCtaBen="CACX7605101P8"']],
  ])('refuses with %s', async (code, ...changes) => {
    expect(await payment(...changes)).toBe(code);
  });
});
