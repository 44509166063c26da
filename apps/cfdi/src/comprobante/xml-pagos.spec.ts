import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { calculaImportes, ejemploDeDocto, ejemploDePago, ejemploDePagos, type Documento } from '@nexora/comprobante';
import { describeWhen } from '@nexora/testing';
import { SORTS } from '../corpus/arbitrary-documents.conformance.ts';
import { bySheet, SHEET, tools, xsdReader, type Read } from '../corpus/sat-tools.conformance.ts';
import { SEED, sealedCorpus, type Sample } from '../corpus/sealed-corpus.conformance.ts';
import { sella, type Sellado } from './sellado.ts';

const emisor = { rfc: 'EKU9003173C9', nombre: 'ESCUELA KEMPER URGATE', regimenFiscal: '601' };
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const certificado = { numero: '3'.repeat(20), base64: 'AA==' };
function seal(documento: Documento): Sellado {
  const importes = calculaImportes(documento);
  return sella({ documento, importes, emisor, fecha: '2026-11-21T09:30:00', certificado }, privateKey);
}
const text = (documento: Documento): string => seal(documento).bytes.toString('utf8');

describe('a sealed comprobante of payments', () => {
  it('says what was handed over and what was computed', () => {
    expect(seal(ejemploDePagos()).cadena).toBe(
      '||4.0|P|77|2026-11-21T09:30:00|33333333333333333333|0|XXX|0|P|01|42501' +
        '|EKU9003173C9|ESCUELA KEMPER URGATE|601|CACX7605101P8|XOCHILT CASAS CHAVEZ|36257|612|CP01' +
        '|84111506|1|ACT|Pago|0|0|01' +
        '|2.0|100.00|16.00|116.00|2026-11-20T12:00:00|03|MXN|1|116.00|0042' +
        '|5fb2822e-396d-4725-8521-cdc4bdd20ccf|A|1042|MXN|1|1|116.00|116.00|0.00|02|100.00|002|Tasa|0.160000|16.00' +
        '|100.00|002|Tasa|0.160000|16.00||',
    );
  });

  it('declares the complemento on the root and nowhere else, with the place of its schema', () => {
    const xml = text(ejemploDePagos());
    expect(xml.match(/xmlns:pago20=/g)).toHaveLength(1);
    expect(xml).toMatch(/^<\?xml[^>]*><cfdi:Comprobante [^>]*xmlns:pago20="http:\/\/www\.sat\.gob\.mx\/Pagos20"/);
    expect(xml).toContain(
      'xsi:schemaLocation="http://www.sat.gob.mx/cfd/4 http://www.sat.gob.mx/sitio_internet/cfd/4/cfdv40.xsd ' +
        'http://www.sat.gob.mx/Pagos20 http://www.sat.gob.mx/sitio_internet/cfd/Pagos/Pagos20.xsd"',
    );
  });

  it('writes an EquivalenciaDR of one currency as the digit 1, and another as handed over', () => {
    const of = (monedaDR: string, equivalenciaDR: string): string =>
      text(ejemploDePagos(ejemploDePago({ doctosRelacionados: [ejemploDeDocto({ monedaDR, equivalenciaDR })] })));
    expect(of('MXN', '1.000000')).toContain('EquivalenciaDR="1"');
    expect(of('USD', '0.0540540541')).toContain('EquivalenciaDR="0.0540540541"');
  });

  it('leaves out what was not handed over', () => {
    const docto = ejemploDeDocto({ serie: undefined, folio: undefined, objetoImpDR: '01', impuestosDR: undefined });
    const xml = text(ejemploDePagos(ejemploDePago({ numOperacion: undefined, doctosRelacionados: [docto] })));
    expect(xml).not.toMatch(
      /NumOperacion|Cta|Banco|CadPago|CertPago|SelloPago|Impuestos(DR|P)|TotalTraslados|Retenciones/,
    );
    expect(xml).toContain('<pago20:Totales MontoTotalPagos="116.00"/>');
  });
});

const COUNT = 150;

describeWhen(tools)(`${COUNT} random comprobantes of payments (NEXORA_SEED=${SEED})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'pagos-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  let samples: Sample[];
  let read: Read[];
  let cadenas: Buffer[];

  beforeAll(async () => {
    samples = sealedCorpus(COUNT, { cobros: SORTS.cobros });
    const files = samples.map(({ index, sellado }) => {
      writeFileSync(join(folder, `${index}.xml`), sellado.bytes);
      return join(folder, `${index}.xml`);
    });
    cadenas = await bySheet(SHEET.comprobante, files, folder);
    const reader = await xsdReader();
    read = samples.map(({ sellado }) => reader(sellado.bytes));
  });

  it("have the cadena original of the tax authority's stylesheet, byte by byte", () => {
    const wrong = samples.filter(({ index, sellado }) => !cadenas[index]!.equals(Buffer.from(sellado.cadena, 'utf8')));
    expect(wrong.map(({ index, sellado }) => [sellado.cadena, cadenas[index]!.toString()])).toEqual([]);
  });

  it("are valid by the tax authority's schemas, Pagos 2.0 included", () => {
    const wrong = samples.filter(({ index }) => read[index]!.errors.length > 0);
    expect(wrong.map(({ index, documento }) => [index, read[index]!.errors, documento])).toEqual([]);
  });

  it('are refused by the schemas once a figure is spoilt, so that the check is one', async () => {
    const reader = await xsdReader();
    const spoilt = samples[0]!.sellado.bytes.toString().replace(/MontoTotalPagos="[^"]*"/, 'MontoTotalPagos="1.001"');
    expect(reader(Buffer.from(spoilt)).errors.join()).toMatch(/MontoTotalPagos/);
  });

  it('hold every attribute that the complemento has', () => {
    const names = new Set(read.flatMap((one) => one.names));
    const missing = EVERY_ATTRIBUTE.filter((name) => !names.has(name));
    expect(missing).toEqual([]);
  });
});

const taxes = (end: string): string[] => [`Impuesto${end}`, `Importe${end}`];
const EVERY_ATTRIBUTE = [
  ...['IVA', 'ISR'].map((tax) => `Totales@TotalRetenciones${tax}`),
  ...['16', '8', '0'].flatMap((rate) => [
    `Totales@TotalTrasladosBaseIVA${rate}`,
    `Totales@TotalTrasladosImpuestoIVA${rate}`,
  ]),
  'Totales@TotalTrasladosBaseIVAExento',
  'Totales@MontoTotalPagos',
  ...['FechaPago', 'FormaDePagoP', 'MonedaP', 'TipoCambioP', 'Monto', 'NumOperacion', 'RfcEmisorCtaOrd'].map(
    (one) => `Pago@${one}`,
  ),
  ...['NomBancoOrdExt', 'CtaOrdenante', 'RfcEmisorCtaBen', 'CtaBeneficiario', 'TipoCadPago', 'CertPago'].map(
    (one) => `Pago@${one}`,
  ),
  ...['CadPago', 'SelloPago'].map((one) => `Pago@${one}`),
  ...[
    'IdDocumento',
    'Serie',
    'Folio',
    'MonedaDR',
    'EquivalenciaDR',
    'NumParcialidad',
    'ImpSaldoAnt',
    'ImpPagado',
    'ImpSaldoInsoluto',
    'ObjetoImpDR',
  ].map((one) => `DoctoRelacionado@${one}`),
  ...['RetencionDR', 'TrasladoDR'].flatMap((one) =>
    [...taxes('DR'), 'BaseDR', 'TipoFactorDR', 'TasaOCuotaDR'].map((name) => `${one}@${name}`),
  ),
  ...taxes('P').map((name) => `RetencionP@${name}`),
  ...[...taxes('P'), 'BaseP', 'TipoFactorP', 'TasaOCuotaP'].map((name) => `TrasladoP@${name}`),
];
