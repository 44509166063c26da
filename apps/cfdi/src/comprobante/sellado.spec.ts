import { execFileSync, spawnSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { attributeOf, calculaImportes, ejemploDeIngreso, readXml, type Documento } from '@nexora/comprobante';
import { describeWhen, itWhen, satResource, satResources } from '@nexora/testing';
import fc from 'fast-check';
import { openKey, readCertificado } from './csd.ts';
import { sella, type Sellado } from './sellado.ts';
import { firmaVale } from './sello.ts';

const SEED = Number(process.env['NEXORA_SEED'] ?? Date.now() % 2 ** 31);
const csd = satResource('csd/vigente-moral-EKU9003173C9/30001000000500003416');
const emisor = { rfc: 'EKU9003173C9', nombre: 'ESCUELA KEMPER URGATE', regimenFiscal: '601' };
const fecha = '2026-11-21T09:30:00';

describe('a sealed comprobante', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const seal = (documento: Documento): Sellado =>
    sella(
      {
        documento,
        importes: calculaImportes(documento),
        emisor,
        fecha,
        certificado: { numero: '3'.repeat(20), base64: 'AA==' },
      },
      privateKey,
    );
  const text = (documento: Documento): string => seal(documento).bytes.toString('utf8');

  it('is the same, byte by byte, whenever the same is sealed again', () => {
    expect(seal(ejemploDeIngreso()).bytes.equals(seal(ejemploDeIngreso()).bytes)).toBe(true);
  });

  it('carries a seal that the public key verifies over its cadena', () => {
    const { cadena, sello, bytes } = seal(ejemploDeIngreso());
    expect(attributeOf(readXml(bytes).root, 'Sello')).toBe(sello);
    expect(firmaVale(cadena, sello, createPublicKey(privateKey))).toBe(true);
    expect(firmaVale(`${cadena} `, sello, createPublicKey(privateKey))).toBe(false);
    expect(firmaVale(cadena, 'no base64 ä', createPublicKey(privateKey))).toBe(false);
  });

  it('says what was handed over and what was computed', () => {
    expect(seal(ejemploDeIngreso()).cadena).toBe(
      '||4.0|A|1042|2026-11-21T09:30:00|03|33333333333333333333|Contado|99.99|MXN|115.99|I|01|PUE|42501' +
        '|EKU9003173C9|ESCUELA KEMPER URGATE|601|CACX7605101P8|XOCHILT CASAS CHAVEZ|36257|612|G03' +
        '|01010101|SKU-1|3|H87|Pieza|Café de olla|33.33|99.99|02|99.99|002|Tasa|0.160000|15.9984' +
        '|99.99|002|Tasa|0.160000|16.00|16.00||',
    );
  });

  it('leaves out what was not handed over', () => {
    const bare = ejemploDeIngreso({ serie: undefined, folio: undefined, condicionesDePago: undefined });
    expect(text(bare)).not.toMatch(/Serie=|Folio=|CondicionesDePago=|Descuento=|TipoCambio=|email|telefono|5512345678/);
  });

  it('escapes what XML needs escaped, and nothing is lost', () => {
    const receptor = { ...ejemploDeIngreso().receptor, nombre: '  LUCES & "OBRAS" <Ñ>\t\n SA  ' };
    const sealed = seal(ejemploDeIngreso({ receptor }));
    expect(sealed.bytes.toString()).toContain('Nombre="LUCES &amp; &quot;OBRAS&quot; &lt;Ñ&gt; SA"');
    expect(sealed.cadena).toContain('|LUCES & "OBRAS" <Ñ> SA|');
  });

  it('writes an exchange rate without zeros before or behind it', () => {
    expect(text(ejemploDeIngreso({ moneda: 'USD', tipoCambio: '018.50' }))).toContain('TipoCambio="18.5"');
    expect(text(ejemploDeIngreso({ moneda: 'USD', tipoCambio: '18.500000' }))).toContain('TipoCambio="18.5"');
    expect(text(ejemploDeIngreso({ moneda: 'USD', tipoCambio: '20.00' }))).toContain('TipoCambio="20"');
    expect(text(ejemploDeIngreso({ moneda: 'USD', tipoCambio: '20' }))).toContain('TipoCambio="20"');
  });
});

/** Documents of every sort that the rules let pass. */
const texto = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .map((raw) => `x${raw.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD]|\|/g, '')}`);
const cifra = (most: number): fc.Arbitrary<string> =>
  fc.integer({ min: 1, max: most }).map((millionths) => (millionths / 1_000_000).toFixed(6));
const linea = fc.record({
  claveProdServ: fc.constantFrom('01010101', '84111506'),
  noIdentificacion: fc.option(texto, { nil: undefined }),
  cantidad: cifra(9_000_000_000),
  claveUnidad: fc.constantFrom('H87', 'E48', 'KGM'),
  unidad: fc.constantFrom(undefined, 'Pieza', 'm²'),
  descripcion: texto,
  valorUnitario: cifra(900_000_000_000),
  objetoImp: fc.constant('02'),
  impuestos: fc.record({
    traslados: fc.subarray(
      [
        { impuesto: '002', tipoFactor: 'Tasa', tasaOCuota: '0.160000' },
        { impuesto: '003', tipoFactor: 'Tasa', tasaOCuota: '0.080000' },
        { impuesto: '002', tipoFactor: 'Exento' },
      ],
      { minLength: 1 },
    ),
    retenciones: fc.subarray([
      { impuesto: '001', tipoFactor: 'Tasa', tasaOCuota: '0.100000' },
      { impuesto: '002', tipoFactor: 'Tasa', tasaOCuota: '0.106667' },
    ]),
  }),
});
const documento = fc
  .record({ conceptos: fc.array(linea, { minLength: 1, maxLength: 4 }), nombre: texto, serie: texto })
  .map(({ conceptos, nombre, serie }) =>
    ejemploDeIngreso({
      serie: serie.slice(0, 5),
      receptor: { ...ejemploDeIngreso().receptor, nombre },
      conceptos: conceptos.filter(({ cantidad, valorUnitario }) => Number(cantidad) * Number(valorUnitario) > 0.001),
      relacionados: [{ tipoRelacion: '04', uuids: ['5fb2822e-396d-4725-8521-cdc4bdd20ccf'] }],
    }),
  );

describeWhen(satResources)(`against the tax authority's own files (seed ${SEED})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sello-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: Buffer | string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  let validate: (xml: Buffer) => string[];
  let sealed: (documento: Documento) => Sellado;

  beforeAll(async () => {
    const certificado = readCertificado(readFileSync(`${csd}.cer`));
    const key = openKey(readFileSync(`${csd}.key`), readFileSync(satResource('csd/password.txt'), 'utf8').trim());
    sealed = (one) => sella({ documento: one, importes: calculaImportes(one), emisor, fecha, certificado }, key);
    validate = await xsdValidator();
  });

  it('is valid by the schema of CFDI 4.0', () => {
    fc.assert(
      fc.property(
        documento.filter(({ conceptos }) => conceptos!.length > 0),
        (one) => {
          expect(validate(sealed(one).bytes)).toEqual([]);
        },
      ),
      { numRuns: 100, seed: SEED },
    );
  });

  it('is valid with everything that may be left out left in', () => {
    const full = ejemploDeIngreso({
      moneda: 'USD',
      tipoCambio: '18.25',
      confirmacion: 'ABC12',
      informacionGlobal: { periodicidad: '01', meses: '11', anio: '2026' },
      conceptos: ejemploDeIngreso().conceptos!.map((one) => ({ ...one, descuento: '0.125' })),
    });
    expect(validate(sealed(full).bytes)).toEqual([]);
  });

  it('is refused by the schema once a figure is spoilt, so that the check is one', () => {
    const spoilt = sealed(ejemploDeIngreso()).bytes.toString().replace('SubTotal="99.99"', 'SubTotal="-99.99"');
    expect(validate(Buffer.from(spoilt)).join()).toMatch(/SubTotal/);
  });

  const openssl = { met: spawnSync('openssl', ['version']).status === 0, otherwise: 'openssl is not installed' };
  itWhen(openssl)('has a seal that OpenSSL verifies with the certificate', () => {
    const cert = file('c.pem', execFileSync('openssl', ['x509', '-inform', 'DER', '-in', `${csd}.cer`]));
    const pub = file('c.pub', execFileSync('openssl', ['x509', '-in', cert, '-noout', '-pubkey']));
    fc.assert(
      fc.property(
        documento.filter(({ conceptos }) => conceptos!.length > 0),
        (one) => {
          const { cadena, sello } = sealed(one);
          const args = ['dgst', '-sha256', '-verify', pub, '-signature', file('s', Buffer.from(sello, 'base64'))];
          expect(execFileSync('openssl', [...args, file('d', cadena)]).toString()).toContain('Verified OK');
        },
      ),
      { numRuns: 15, seed: SEED },
    );
  });
});

async function xsdValidator(): Promise<(xml: Buffer) => string[]> {
  const { XmlDocument, XsdValidator, XmlValidateError } = await import('libxml2-wasm');
  const { xmlRegisterFsInputProviders } = await import('libxml2-wasm/lib/nodejs.mjs');
  xmlRegisterFsInputProviders();
  const path = satResource('cfdi40-with-complementos.xsd');
  const schema = XmlDocument.fromBuffer(readFileSync(path), { url: pathToFileURL(path).href });
  const validator = XsdValidator.fromDoc(schema);
  return (xml) => {
    const document = XmlDocument.fromBuffer(xml);
    try {
      validator.validate(document);
      return [];
    } catch (error) {
      if (error instanceof XmlValidateError) return error.details.map(({ message }) => message);
      throw error;
    } finally {
      document.dispose();
    }
  };
}
