import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  attributeOf,
  calculaImportes,
  childrenOf,
  ejemploDeEgreso,
  ejemploDeIngreso,
  ejemploDePagos,
  ejemploDeTraslado,
  ejemploGlobal,
  openKey,
  parseDocumento,
  readCertificado,
  readXml,
  reglas,
  type Concepto,
  type Documento,
  type XmlElement,
} from '@nexora/comprobante';
import { describeWhen, satResource } from '@nexora/testing';
import { bySheet, SHEET, tools, xsdReader, type Read } from '../corpus/sat-tools.conformance.ts';
import { CFDI } from './espacios.ts';
import { sella, type Sellado } from './sellado.ts';
import { firmaVale } from './sello.ts';
import { construye } from './xml.ts';

const emisor = { rfc: 'EKU9003173C9', nombre: 'ESCUELA KEMPER URGATE', regimenFiscal: '601' };
const fecha = '2026-11-21T09:30:00';
const [LINE] = ejemploDeIngreso().conceptos as [Concepto];

/** A line with everything that may hang on one. */
const loaded: Concepto = {
  ...LINE,
  descuento: '0.125',
  impuestos: {
    traslados: [
      { impuesto: '002', tipoFactor: 'Tasa', tasaOCuota: '0.16' },
      { impuesto: '003', tipoFactor: 'Tasa', tasaOCuota: '0.08' },
      { impuesto: '003', tipoFactor: 'Cuota', tasaOCuota: '5.4555', base: '3' },
    ],
    retenciones: [
      { impuesto: '001', tipoFactor: 'Tasa', tasaOCuota: '0.1' },
      { impuesto: '002', tipoFactor: 'Tasa', tasaOCuota: '0.106667' },
      { impuesto: '003', tipoFactor: 'Tasa', tasaOCuota: '0.06' },
    ],
  },
  aCuentaTerceros: {
    rfc: 'H&E951128469',
    nombre: 'HERRERIA & ELECTRICOS',
    regimenFiscal: '601',
    domicilioFiscal: '06002',
  },
  informacionAduanera: [{ numeroPedimento: '15  48  3009  0001234' }, { numeroPedimento: '26  07  3421  6000001' }],
  cuentaPredial: [{ numero: '15956011002' }, { numero: 'A1' }],
  partes: [
    { claveProdServ: '50201706', cantidad: '2.50', descripcion: 'Bolsa', valorUnitario: '1.5' },
    {
      claveProdServ: '50201706',
      noIdentificacion: 'P-2',
      cantidad: '1',
      unidad: 'Caja',
      descripcion: 'Caja',
      importe: '3',
      informacionAduanera: [{ numeroPedimento: '15  48  3009  0001235' }],
    },
  ],
};
const withObject = (objetoImp: string, impuestos: Concepto['impuestos']): Concepto => ({
  ...LINE,
  objetoImp,
  impuestos,
});
const IEPS = { impuesto: '003', tipoFactor: 'Tasa', tasaOCuota: '0.08' };
const foreigner = {
  rfc: 'XEXX010101000',
  nombre: 'Acme Inc.',
  domicilioFiscal: '42501',
  residenciaFiscal: 'USA',
  numRegIdTrib: '121585958',
  regimenFiscal: '616',
  usoCfdi: 'S01',
};
const twice = [
  { tipoRelacion: '01', uuids: ['5fb2822e-396d-4725-8521-cdc4bdd20ccf', '5FB2822E-396D-4725-8521-CDC4BDD20CC0'] },
  { tipoRelacion: '07', uuids: ['5fb2822e-396d-4725-8521-cdc4bdd20cc1'] },
];

const DOCUMENTS: Readonly<Record<string, Documento>> = {
  'a sale': ejemploDeIngreso(),
  'a sale with everything': ejemploDeIngreso({
    moneda: 'USD',
    tipoCambio: '18.2500',
    confirmacion: 'ABC12',
    facAtrAdquirente: '0123456789',
    exportacion: '03',
    relacionados: [{ tipoRelacion: '04', uuids: ['5fb2822e-396d-4725-8521-cdc4bdd20ccf'] }],
    conceptos: [loaded, LINE],
  }),
  'a sale to a foreigner, in yen': ejemploDeIngreso({ receptor: foreigner, moneda: 'JPY', tipoCambio: '0.1219' }),
  'a sale in dinars of three decimals': ejemploDeIngreso({ moneda: 'KWD', tipoCambio: '59.1' }),
  'a sale of every object of tax': ejemploDeIngreso({
    conceptos: [
      LINE,
      ...['01', '03', '04', '05', '06', '08'].map((objetoImp) => withObject(objetoImp, undefined)),
      withObject('06', { retenciones: [{ impuesto: '001', tipoFactor: 'Tasa', tasaOCuota: '0.0125' }] }),
      withObject('07', { traslados: [IEPS] }),
    ],
  }),
  'a sale of every rate of IVA': ejemploDeIngreso({
    conceptos: ['0.16', '0.08', '0.000000'].map((tasaOCuota) =>
      withObject('02', { traslados: [{ impuesto: '002', tipoFactor: 'Tasa', tasaOCuota }] }),
    ),
  }),
  'an exempt sale': ejemploDeIngreso({
    conceptos: [withObject('02', { traslados: [{ impuesto: '002', tipoFactor: 'Exento' }] })],
  }),
  'a sale with nothing but a retención': ejemploDeIngreso({
    conceptos: [withObject('02', { retenciones: [{ impuesto: '001', tipoFactor: 'Tasa', tasaOCuota: '0.1' }] })],
  }),
  'a global invoice': ejemploGlobal(),
  'a credit note': ejemploDeEgreso({ relacionados: twice, facAtrAdquirente: '0123456789' }),
  'a credit note to the general public': ejemploDeEgreso({ receptor: ejemploGlobal().receptor }),
  'goods on their way': ejemploDeTraslado(),
  'goods of a value on their way': ejemploDeTraslado({
    moneda: 'USD',
    tipoCambio: '18',
    relacionados: [{ tipoRelacion: '05', uuids: ['5fb2822e-396d-4725-8521-cdc4bdd20ccf'] }],
    conceptos: [
      {
        ...loaded,
        objetoImp: '03',
        impuestos: undefined,
        descuento: '0',
        valorUnitario: '12.50',
        aCuentaTerceros: undefined,
      },
    ],
  }),
  'a payment': ejemploDePagos(),
  'a payment that replaces another': {
    ...ejemploDePagos(),
    relacionados: [{ tipoRelacion: '04', uuids: ['5fb2822e-396d-4725-8521-cdc4bdd20ccf'] }],
  },
};

function build(documento: Documento): XmlElement {
  const certificado = { numero: '3'.repeat(20), base64: 'AA==' };
  return construye({ documento, importes: calculaImportes(documento), emisor, fecha, certificado });
}
function values(element: XmlElement | undefined): Record<string, string> {
  return Object.fromEntries((element?.attributes ?? []).map(({ local, value }) => [local, value]));
}
function child(element: XmlElement, ...path: readonly string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>((at, name) => at && childrenOf(at, CFDI, name)[0], element);
}

describe('the XML of a comprobante', () => {
  it('de traslado has no money, no way of payment and no taxes', () => {
    const root = build(ejemploDeTraslado());
    expect(values(root)).toMatchObject({ TipoDeComprobante: 'T', Moneda: 'XXX', SubTotal: '0', Total: '0' });
    for (const absent of ['FormaPago', 'MetodoPago', 'TipoCambio', 'Descuento', 'CondicionesDePago']) {
      expect(attributeOf(root, absent)).toBeUndefined();
    }
    expect(child(root, 'Impuestos')).toBeUndefined();
  });

  it('de traslado has sums of zero even where the goods have a value', () => {
    const root = build(DOCUMENTS['goods of a value on their way']!);
    expect(values(root)).toMatchObject({ Moneda: 'USD', SubTotal: '0.00', Total: '0.00', TipoCambio: '18' });
    expect(values(child(root, 'Conceptos', 'Concepto'))).toMatchObject({ ValorUnitario: '12.50', Importe: '37.50' });
  });

  it('de pago has the one line of the guide, sums of zero and its namespace on the root', () => {
    const root = build(ejemploDePagos());
    expect(values(root)).toMatchObject({ TipoDeComprobante: 'P', Moneda: 'XXX', SubTotal: '0', Total: '0' });
    expect(childrenOf(child(root, 'Conceptos')!, CFDI, 'Concepto').map(values)).toEqual([
      {
        ClaveProdServ: '84111506',
        Cantidad: '1',
        ClaveUnidad: 'ACT',
        Descripcion: 'Pago',
        ValorUnitario: '0',
        Importe: '0',
        ObjetoImp: '01',
      },
    ]);
    expect(values(root)['pago20']).toBe('http://www.sat.gob.mx/Pagos20');
    expect(values(root)['schemaLocation']).toMatch(/Pagos20 http:\/\/www\.sat\.gob\.mx\S+Pagos20\.xsd$/);
  });

  it('de pago is the same whether the caller sends its line or not', () => {
    const line = {
      claveProdServ: '84111506',
      cantidad: '1',
      claveUnidad: 'ACT',
      descripcion: 'Pago',
      valorUnitario: '0',
      objetoImp: '01',
    };
    for (const conceptos of [[], [line], [{ ...line, importe: '0' }]]) {
      const documento = { ...ejemploDePagos(), conceptos };
      expect(reglas(documento, { ahora: new Date('2026-11-21T12:00:00Z') })).toEqual([]);
      expect(build(documento)).toEqual(build(ejemploDePagos()));
    }
  });

  it('declares the namespace of payments only where there are some', () => {
    expect(values(build(ejemploDeIngreso()))['pago20']).toBeUndefined();
  });

  it('keeps the two spaces of a pedimento, and the cadena original has one', () => {
    const line = child(build(ejemploDeIngreso({ conceptos: [loaded] })), 'Conceptos', 'Concepto')!;
    expect(values(child(line, 'InformacionAduanera'))).toEqual({ NumeroPedimento: '15  48  3009  0001234' });
    expect(values(child(line, 'Parte'))).toMatchObject({ Cantidad: '2.5', ValorUnitario: '1.50', Importe: '3.75' });
  });

  it('says who buys in whose name, and where a foreigner lives', () => {
    const root = build(ejemploDeIngreso({ receptor: foreigner, facAtrAdquirente: '0123456789', conceptos: [loaded] }));
    expect(values(child(root, 'Emisor'))).toMatchObject({ FacAtrAdquirente: '0123456789' });
    expect(values(child(root, 'Receptor'))).toMatchObject({ ResidenciaFiscal: 'USA', NumRegIdTrib: '121585958' });
    expect(values(child(root, 'Conceptos', 'Concepto', 'ACuentaTerceros'))).toEqual({
      RfcACuentaTerceros: 'H&E951128469',
      NombreACuentaTerceros: 'HERRERIA & ELECTRICOS',
      RegimenFiscalACuentaTerceros: '601',
      DomicilioFiscalACuentaTerceros: '06002',
    });
  });
});

describeWhen(tools)("every type, against the tax authority's own files", () => {
  const folder = mkdtempSync(join(tmpdir(), 'tipos-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const names = Object.keys(DOCUMENTS);
  let sealed: Sellado[];
  let cadenas: Buffer[];
  let read: Read[];

  beforeAll(async () => {
    const csd = satResource('csd/vigente-moral-EKU9003173C9/30001000000500003416');
    const certificado = readCertificado(readFileSync(`${csd}.cer`));
    const key = openKey(readFileSync(`${csd}.key`), readFileSync(satResource('csd/password.txt'), 'utf8').trim());
    sealed = Object.values(DOCUMENTS).map((documento) =>
      sella({ documento, importes: calculaImportes(documento), emisor, fecha, certificado }, key),
    );
    const files = sealed.map(({ bytes }, index) => {
      writeFileSync(join(folder, `${index}.xml`), bytes);
      return join(folder, `${index}.xml`);
    });
    cadenas = await bySheet(SHEET.comprobante, files, folder);
    const reader = await xsdReader();
    read = sealed.map(({ bytes }) => reader(bytes));
  });

  it.each(names)('%s passes shape and rules', (name) => {
    const parsed = parseDocumento(JSON.parse(JSON.stringify(DOCUMENTS[name])));
    expect(parsed).toHaveProperty('documento');
    expect(reglas(DOCUMENTS[name]!, { ahora: new Date('2026-11-21T12:00:00Z') })).toEqual([]);
  });

  it.each(names)('%s is valid by the schemas', (name) => {
    expect(read[names.indexOf(name)]!.errors).toEqual([]);
  });

  it.each(names)('%s has the cadena original of the stylesheet, and a seal over it', (name) => {
    const { bytes, cadena } = sealed[names.indexOf(name)]!;
    const { root } = readXml(bytes);
    const theirs = cadenas[names.indexOf(name)]!.toString('utf8');
    expect(theirs).toBe(cadena);
    const { publicKey } = new X509Certificate(Buffer.from(attributeOf(root, 'Certificado') ?? '', 'base64'));
    expect(firmaVale(theirs, attributeOf(root, 'Sello') ?? '', publicKey)).toBe(true);
  });
});
