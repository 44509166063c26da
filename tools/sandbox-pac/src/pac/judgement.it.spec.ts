import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWhen, satResource, satResources } from '@nexora/testing';
import { openAuthority } from '../ca/authority.ts';
import { makeDemoIssuer, makeTestCertificates, type TestCertificates } from '../ca/issuers.ts';
import { sampleComprobante, sealerOf, type SampleOptions, type Sealer } from '../sample.ts';
import { localTime } from './dates.ts';
import { Memory } from './memory.ts';
import { Pac } from './pac.ts';
import { trustOf } from './trust.ts';

let dir: string;
let pac: Pac;
let sealer: Sealer;
let others: TestCertificates;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sandbox-pac-judge-'));
  sealer = await sealerOf(await makeDemoIssuer(dir));
  others = await makeTestCertificates(dir);
  const authority = await openAuthority(dir);
  const trust = await trustOf(authority.certificate, satResources.met ? satResource('.') : undefined);
  pac = new Pac(await Memory.open(join(dir, 'pac.jsonl')), trust, authority.stamping);
});
afterAll(async () => {
  await pac.memory.close();
  rmSync(dir, { recursive: true, force: true });
});

async function judge(xml: Buffer, now = new Date()): Promise<string> {
  const outcome = await pac.stamp({ xml, customid: null, now, received: now });
  if (outcome.kind !== 'refused') return outcome.kind;
  return outcome.refusal.code;
}

const judged = (options: SampleOptions, by: Sealer = sealer): Promise<string> => judge(sampleComprobante(by, options));
const replaced =
  (...pairs: [from: string | RegExp, to: string][]): SampleOptions['change'] =>
  (xml) =>
    pairs.reduce((text, [from, to]) => {
      expect(text.search(from instanceof RegExp ? from : from.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))).toBeGreaterThan(
        -1,
      );
      return text.replaceAll(from instanceof RegExp ? new RegExp(from, 'g') : from, to);
    }, xml);
const changed = (...pairs: [from: string | RegExp, to: string][]): Promise<string> =>
  judged({ change: replaced(...pairs) });

describe('the PAC judges the document', () => {
  it('stamps a good one', async () => {
    expect(await judged({})).toBe('stamped');
  });

  it('refuses what is not well formed, not a CFDI 4.0 or not UTF-8 with 301', async () => {
    for (const xml of [
      '',
      '<a>',
      '<a/>',
      'x',
      '<!DOCTYPE a><a/>',
      '<?xml version="1.0" encoding="UTF-16"?><a/>',
      '<a>&x;</a>',
    ]) {
      expect([xml, await judge(Buffer.from(xml))]).toEqual([xml, '301']);
    }
    const latin1 = Buffer.from(sampleComprobante(sealer).toString('utf8'), 'latin1');
    expect(await judge(latin1)).toBe('301');
  });

  it('refuses another version, unknown or missing fields and elements out of order with 301', async () => {
    const faults: [from: string | RegExp, to: string][] = [
      ['Version="4.0"', 'Version="3.3"'],
      [/ Exportacion="01"/, ''],
      ['Exportacion="01"', 'Exportacion="01" Extra="1"'],
      ['UsoCFDI="G03"', 'UsoCFDI="ZZ9"'],
      ['FormaPago="03"', 'FormaPago="07"'],
      ['Descripcion="Café de olla"', 'Descripcion="a|b"'],
      ['Total="115.99"', 'Total="115,99"'],
      ['LugarExpedicion="42501"', 'LugarExpedicion="4250"'],
      [/(<cfdi:Emisor.*?\/>)(<cfdi:Receptor.*?\/>)/, '$2$1'],
      [/<cfdi:Conceptos>.*<\/cfdi:Conceptos>/, '<cfdi:Conceptos/>'],
      ['<cfdi:Conceptos>', '<cfdi:Conceptos>text'],
    ];
    for (const fault of faults) expect([fault[1], await changed(fault)]).toEqual([fault[1], '301']);
  });

  it('refuses an RFC against the pattern with 301', async () => {
    for (const rfc of ['CACX760510', 'CACX7613101P8', 'cacx7605101p8', 'CACX7605101P80']) {
      expect([rfc, await changed(['CACX7605101P8', rfc])]).toEqual([rfc, '301']);
    }
  });

  it('takes a document with its timbre for stamped before', async () => {
    const tfd =
      '<cfdi:Complemento><t:TimbreFiscalDigital xmlns:t="http://www.sat.gob.mx/TimbreFiscalDigital"/></cfdi:Complemento>';
    expect(await judged({ tamper: (xml) => xml.replace('</cfdi:Comprobante>', `${tfd}</cfdi:Comprobante>`) })).toBe(
      'carries-timbre',
    );
  });
});

describe('the PAC judges the seal and the certificate', () => {
  it('refuses a document changed after sealing with CFDI40102, and a Sello that is none with 302', async () => {
    expect(await judged({ tamper: (xml) => xml.replace('Café de olla', 'Café de Olla') })).toBe('CFDI40102');
    expect(await judged({ tamper: (xml) => xml.replace(/Sello="[^"]*"/, 'Sello="not base64!"') })).toBe('302');
    expect(await judged({ tamper: (xml) => xml.replace(/Sello="[^"]*"/, 'Sello=""') })).toBe('302');
  });

  it('takes changed spaces between elements for the same document', async () => {
    const xml = sampleComprobante(sealer);
    expect(await judge(xml)).toBe('stamped');
    expect(await judge(Buffer.from(xml.toString().replaceAll('><', '> <')))).toBe('repeated');
  });

  it('refuses e.firma 306, expired and not yet valid 305, unknown authority 308, another RFC 303', async () => {
    const codes = [];
    for (const issuer of [others.efirma, others.expired, others.notYetValid, others.foreign]) {
      codes.push(await judged({}, await sealerOf(issuer)));
    }
    expect(codes).toEqual(['306', '305', '305', '308']);
    const other = await sealerOf(others.otherRfc);
    expect(await judged({}, { ...other, rfc: sealer.rfc, nombre: sealer.nombre, regimen: sealer.regimen })).toBe('303');
    expect(await judged({}, other)).toBe('stamped');
  });

  it('refuses a certificate that is none, or whose number is another, with CFDI40106', async () => {
    expect(await judged({}, { ...sealer, certificate: 'AAAA' })).toBe('CFDI40106');
    expect(await judged({}, { ...sealer, number: '30001000000500003416' })).toBe('CFDI40106');
  });
});

describeWhen(satResources)('the published test certificates of the SAT', () => {
  const now = new Date('2026-11-21T18:00:00Z');
  const published = (folder: string, number: string, rfc: string): Promise<Sealer> =>
    sealerOf({
      rfc,
      nombre: 'ESCUELA KEMPER URGATE',
      regimen: rfc.length === 12 ? '601' : '612',
      cp: '42501',
      cer: satResource(`csd/${folder}/${number}.cer`),
      key: satResource(`csd/${folder}/${number}.key`),
      passwordFile: satResource('csd/password.txt'),
    });
  const judgedWith = async (...issuer: [folder: string, number: string, rfc: string]): Promise<string> =>
    judge(sampleComprobante(await published(...issuer), { fecha: localTime(now) }), now);

  it('are trusted as CSD, refused as e.firma and refused when expired', async () => {
    expect(await judgedWith('vigente-moral-EKU9003173C9', '30001000000500003416', 'EKU9003173C9')).toBe('stamped');
    expect(await judgedWith('vigente-fisica-CACX7605101P8', '30001000000500003316', 'CACX7605101P8')).toBe('stamped');
    expect(await judgedWith('fiel-moral-EKU9003173C9', '30001000000500003415', 'EKU9003173C9')).toBe('306');
    expect(await judgedWith('vencido-moral-EKU9003173C9', '30001000000400002434', 'EKU9003173C9')).toBe('305');
  });

  it('with & and Ñ in the RFC are read rightly', async () => {
    expect(await judgedWith('vencido-moral-H_E951128469', '30001000000400002463', 'H&amp;E951128469')).toBe('305');
    expect(await judgedWith('vencido-moral-ONO120726RX3', '30001000000400002464', 'OÑO120726RX3')).toBe('305');
    expect(await judgedWith('vencido-fisica-IANL750210963', '30001000000400002449', 'IAÑL750210963')).toBe('305');
  });
});

describe('the PAC judges dates, sums and rules', () => {
  it('refuses over 72 hours old with 401 and over 5 minutes ahead with CFDI40101', async () => {
    const at = (minutes: number): string => localTime(new Date(Date.now() + minutes * 60_000));
    expect(await judged({ fecha: at(-72 * 60 - 1) })).toBe('401');
    expect(await judged({ fecha: at(-72 * 60 + 1) })).toBe('stamped');
    expect(await judged({ fecha: at(4) })).toBe('stamped');
    expect(await judged({ fecha: at(6) })).toBe('CFDI40101');
  });

  it('reckons SubTotal, Descuento, Total and the taxes itself', async () => {
    const faults: [code: string, ...pairs: [from: string | RegExp, to: string][]][] = [
      ['CFDI40119', ['Total="115.99"', 'Total="116.00"']],
      ['CFDI40108', ['SubTotal="99.99"', 'SubTotal="100.00"']],
      ['CFDI40107', ['SubTotal="99.99"', 'SubTotal="99.990"']],
      ['CFDI40110', ['SubTotal="99.99"', 'SubTotal="99.99" Descuento="1.00"']],
      ['CFDI40167', [' Importe="99.99"', ' Importe="150.00"']],
      ['CFDI40169', ['ObjetoImp="02"', 'Descuento="100.00" ObjetoImp="02"']],
      ['CFDI40168', ['ObjetoImp="02"', 'Descuento="1.001" ObjetoImp="02"']],
      ['CFDI40171', [/<cfdi:Impuestos><cfdi:Traslados>.*?<\/cfdi:Impuestos>/, '']],
      ['CFDI40172', ['ObjetoImp="02"', 'ObjetoImp="01"']],
      ['CFDI40174', ['TipoFactor="Tasa"', 'TipoFactor="Exento"']],
      ['CFDI40181', ['Importe="15.9984"', 'Importe="17.0000"']],
      ['CFDI40205', ['TotalImpuestosTrasladados="16.00"', 'TotalImpuestosTrasladados="15.00"']],
      ['CFDI40221', ['TasaOCuota="0.160000" Importe="16.00"', 'TasaOCuota="0.160000" Importe="15.99"']],
      ['CFDI40221', ['TasaOCuota="0.160000" Importe="16.00"', 'TasaOCuota="0.080000" Importe="16.00"']],
    ];
    for (const [code, ...pairs] of faults) expect([pairs, await changed(...pairs)]).toEqual([pairs, code]);
  });

  it('stamps a discount, a withholding, an exempt line and a currency without decimals', async () => {
    const good: [from: string | RegExp, to: string][][] = [
      [
        ['SubTotal="99.99"', 'SubTotal="99.99" Descuento="9.99"'],
        ['ObjetoImp="02"', 'Descuento="9.99" ObjetoImp="02"'],
        ['Base="99.99"', 'Base="90.00"'],
        ['Importe="15.9984"', 'Importe="14.40"'],
        ['"16.00"', '"14.40"'],
        ['Total="115.99"', 'Total="104.40"'],
      ],
      [
        [
          '</cfdi:Traslados></cfdi:Impuestos></cfdi:Concepto>',
          '</cfdi:Traslados><cfdi:Retenciones><cfdi:Retencion Base="99.99" Impuesto="001" TipoFactor="Tasa" TasaOCuota="0.100000" Importe="9.999"/></cfdi:Retenciones></cfdi:Impuestos></cfdi:Concepto>',
        ],
        [
          '<cfdi:Impuestos TotalImpuestosTrasladados="16.00">',
          '<cfdi:Impuestos TotalImpuestosRetenidos="10.00" TotalImpuestosTrasladados="16.00"><cfdi:Retenciones><cfdi:Retencion Impuesto="001" Importe="10.00"/></cfdi:Retenciones>',
        ],
        ['Total="115.99"', 'Total="105.99"'],
      ],
      [
        [/TipoFactor="Tasa" TasaOCuota="0.160000" Importe="[0-9.]*"/, 'TipoFactor="Exento"'],
        [' TotalImpuestosTrasladados="16.00"', ''],
        ['Total="115.99"', 'Total="99.99"'],
      ],
      [
        ['Moneda="MXN"', 'Moneda="JPY" TipoCambio="0.12"'],
        ['SubTotal="99.99"', 'SubTotal="100"'],
        ['Importe="16.00"', 'Importe="16"'],
        ['TotalImpuestosTrasladados="16.00"', 'TotalImpuestosTrasladados="16"'],
        [/(<cfdi:Traslado Base=)"99.99"( [^>]*Importe="16")/, '$1"100"$2'],
        ['Total="115.99"', 'Total="116"'],
      ],
    ];
    for (const pairs of good) expect(await changed(...pairs)).toBe('stamped');
  });

  it('holds fields against each other', async () => {
    const generic = ['CACX7605101P8', 'XAXX010101000'] as [string, string];
    const faults: [code: string, ...pairs: [from: string | RegExp, to: string][]][] = [
      ['CFDI40114', ['Moneda="MXN"', 'Moneda="MXN" TipoCambio="20"']],
      ['CFDI40115', ['Moneda="MXN"', 'Moneda="USD"']],
      ['CFDI40116', ['Moneda="MXN"', 'Moneda="XXX" TipoCambio="1"']],
      ['CFDI40122', ['Exportacion="01"', 'Exportacion="02"']],
      ['CFDI40149', generic],
      ['CFDI40159', generic, ['DomicilioFiscalReceptor="36257"', 'DomicilioFiscalReceptor="42501"']],
      [
        'CFDI40161',
        generic,
        ['DomicilioFiscalReceptor="36257"', 'DomicilioFiscalReceptor="42501"'],
        ['="612"', '="616"'],
      ],
      ['CFDI40130', ['<cfdi:Emisor', '<cfdi:InformacionGlobal Periodicidad="01" Meses="11" Año="2026"/><cfdi:Emisor']],
      [
        'CRP20101',
        ['TipoDeComprobante="I"', 'TipoDeComprobante="P"'],
        ['UsoCFDI="G03"', 'UsoCFDI="CP01"'],
        [' MetodoPago="PUE"', ''],
      ],
      ['301', ['TipoDeComprobante="I"', 'TipoDeComprobante="N"']],
    ];
    for (const [code, ...pairs] of faults) expect([pairs, await changed(...pairs)]).toEqual([pairs, code]);
  });

  it('stamps the global invoice of this year and refuses that of another', async () => {
    const global = (year: number, period = '01', months = '11', ...more: [string, string][]): Promise<string> =>
      changed(
        [
          '<cfdi:Emisor',
          `<cfdi:InformacionGlobal Periodicidad="${period}" Meses="${months}" Año="${year}"/><cfdi:Emisor`,
        ],
        ...more,
        ['Rfc="CACX7605101P8" Nombre="XOCHILT CASAS CHAVEZ"', 'Rfc="XAXX010101000" Nombre="PUBLICO EN GENERAL"'],
        ['DomicilioFiscalReceptor="36257"', 'DomicilioFiscalReceptor="42501"'],
        ['RegimenFiscalReceptor="612" UsoCFDI="G03"', 'RegimenFiscalReceptor="616" UsoCFDI="S01"'],
      );
    const year = Number(localTime(new Date()).slice(0, 4));
    expect([await global(year), await global(year - 2)]).toEqual(['stamped', 'CFDI40136']);
    const ofRif: [string, string] = ['RegimenFiscal="601"', 'RegimenFiscal="621"'];
    expect(await global(year, '05', '16', ofRif)).toBe('stamped');
    expect(await global(year, '05', '16')).toBe('CFDI40132');
    expect(await global(year, '05', '11', ofRif)).toBe('CFDI40135');
    expect(await global(year, '01', '16')).toBe('CFDI40134');
    expect(await global(year, '01', '11', ['TipoDeComprobante="I"', 'TipoDeComprobante="E"'])).toBe('CFDI40130');
  });
});
