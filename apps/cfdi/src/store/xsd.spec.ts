import assert from 'node:assert';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWhen, satResource, satResources } from '@nexora/testing';
import { Xsd } from './xsd.ts';

const folder = mkdtempSync(join(tmpdir(), 'cfdi-xsd-'));
afterAll(() => rmSync(folder, { recursive: true }));
const { signal } = new AbortController();

/** Smallest comprobante that the schema takes, with what is wanted at the end. */
function comprobante(changes: Readonly<Record<string, string>> = {}, end = ''): Buffer {
  const nombre = changes['nombre'] ?? 'ESCUELA KEMPER URGATE';
  return Buffer.from(
    `<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/4" Version="4.0" Fecha="2026-11-21T09:30:00"
      NoCertificado="30001000000500003416" Certificado="QQ==" Sello="QQ==" SubTotal="1.00" Moneda="${changes['moneda'] ?? 'MXN'}"
      Total="1.00" TipoDeComprobante="I" Exportacion="01" LugarExpedicion="42501" ${changes['more'] ?? ''}>
      <cfdi:Emisor Rfc="EKU9003173C9" Nombre="${nombre}" RegimenFiscal="601"/>
      <cfdi:Receptor Rfc="CACX7605101P8" Nombre="X" DomicilioFiscalReceptor="36257" RegimenFiscalReceptor="612" UsoCFDI="G03"/>
      <cfdi:Conceptos><cfdi:Concepto ClaveProdServ="01010101" Cantidad="1" ClaveUnidad="H87" Descripcion="x"
        ValorUnitario="1" Importe="1.00" ObjetoImp="01"/></cfdi:Conceptos>${end}</cfdi:Comprobante>`,
  );
}

describe('a folder that cannot be used', () => {
  it('turns XSD off with the reason, and nothing else', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const half = join(folder, 'half/www.sat.gob.mx/sitio_internet/cfd/4');
    mkdirSync(half, { recursive: true });
    writeFileSync(join(half, 'cfdv40.xsd'), '<html>504</html>');
    for (const [path, says, status] of [
      ['', /no está puesto/, 'up'],
      [join(folder, 'no-such-folder'), /sat-resources -- pull/, 'down'],
      [file, /sat-resources -- pull/, 'down'],
      [join(folder, 'half'), /falta TimbreFiscalDigital/, 'down'],
    ] as const) {
      const xsd = await Xsd.open(path);
      expect(xsd.off).toMatch(says);
      expect(xsd.faltasDe(Buffer.from('<x/>'))).toEqual([]);
      expect(await xsd.probe.check(signal)).toMatchObject({ status, detail: expect.stringMatching(/^XSD apagado/) });
    }
  });
});

describeWhen(satResources)("validation by the tax authority's own schemas", () => {
  let xsd: Xsd;
  beforeAll(async () => {
    xsd = await Xsd.open(satResource('.'));
  });

  it('is on, and takes a sealed and a stamped comprobante', async () => {
    expect(xsd.off).toBeUndefined();
    expect(await xsd.probe.check(signal)).toMatchObject({
      status: 'up',
      detail: expect.stringMatching(/^XSD encendido/),
    });
    const tfd = `<cfdi:Complemento><tfd:TimbreFiscalDigital xmlns:tfd="http://www.sat.gob.mx/TimbreFiscalDigital" Version="1.1"
      UUID="00000000-0000-4000-8000-000000000001" FechaTimbrado="2026-11-21T09:30:05" RfcProvCertif="SPR190613I52"
      SelloCFD="QQ==" NoCertificadoSAT="30001000000500003456" SelloSAT="QQ=="/></cfdi:Complemento>`;
    expect(xsd.faultsOf(comprobante())).toEqual([]);
    expect(xsd.faultsOf(comprobante({}, tfd))).toEqual([]);
    expect(xsd.faultsOf(comprobante({}, tfd.replace('SelloSAT="QQ=="', '')))).toEqual([
      { place: 'TimbreFiscalDigital@SelloSAT', rule: 'required' },
    ]);
  });

  it('names the place and the rule that is broken, and never the value', () => {
    expect(xsd.faultsOf(comprobante({ moneda: 'ZZZ', nombre: 'A|B' }))).toEqual([
      { place: 'Comprobante@Moneda', rule: 'enumeration' },
      { place: 'Emisor@Nombre', rule: 'pattern' },
    ]);
    expect(xsd.faultsOf(comprobante({ more: 'Nada="secreto"' }))).toEqual([
      { place: 'Comprobante@Nada', rule: 'not allowed' },
    ]);
    const [first] = xsd.faltasDe(comprobante({ nombre: 'JUANA|PEREZ' }));
    expect(first).toMatchObject({ path: 'Emisor@Nombre', code: 'cfdi.schema' });
    expect(first?.message).toMatch(/error del programa: Emisor@Nombre no cumple el esquema del SAT \(pattern\)/);
    expect(JSON.stringify(first)).not.toContain('JUANA');
  });

  it('is turned off, and lets documents pass, once libxml2 itself gives up', async () => {
    const broken = () => Promise.resolve({ faultsOf: () => assert.fail('memory access out of bounds') });
    const gone = await Xsd.open(satResource('.'), broken);
    expect(gone.faultsOf(comprobante())).toEqual([]);
    expect(await gone.probe.check(signal)).toMatchObject({
      status: 'down',
      detail: expect.stringMatching(/out of bounds/),
    });
  });

  it('takes what is not well-formed for a fault', () => {
    expect(xsd.faultsOf(Buffer.from('<a>'))).toEqual([{ place: 'Comprobante', rule: 'not well-formed' }]);
  });

  it('knows the absolute addresses of files that nobody rewrote', async () => {
    const copy = join(folder, 'copy');
    cpSync(satResource('www.sat.gob.mx'), join(copy, 'www.sat.gob.mx'), { recursive: true });
    const path = join(copy, 'www.sat.gob.mx/sitio_internet/cfd/4/cfdv40.xsd');
    const text = readFileSync(path, 'utf8');
    const absolute = text.replaceAll('"../', '"http://www.sat.gob.mx/sitio_internet/cfd/');
    expect(absolute).not.toBe(text);
    rmSync(path);
    writeFileSync(path, absolute);
    expect((await Xsd.open(copy)).faultsOf(comprobante({ moneda: 'ZZZ' }))).toHaveLength(1);
  });

  it('judges by the whole catalogues of products and postal codes where they are there', async () => {
    const copy = join(folder, 'full');
    cpSync(satResource('www.sat.gob.mx'), join(copy, 'www.sat.gob.mx'), { recursive: true });
    const path = join(copy, 'www.sat.gob.mx/sitio_internet/cfd/catalogos/catCFDI.xsd');
    const text = readFileSync(path, 'utf8');
    const listed = (name: string, first: number, digits: number) => (whole: string, head: string) => {
      const value = (number: number) => String(first + number).padStart(digits, '0');
      const values = Array.from({ length: 40_000 }, (_, number) => `<xs:enumeration value="${value(number)}"/>`);
      return whole.includes(name) ? `${head}${values.join('')}</xs:restriction></xs:simpleType>` : whole;
    };
    const type = (name: string) =>
      new RegExp(`(<xs:simpleType name="${name}">\\s*<xs:restriction[^>]*>)[\\s\\S]*?</xs:simpleType>`);
    const full = text
      .replace(type('c_ClaveProdServ'), listed('c_ClaveProdServ', 1_010_101, 8))
      .replace(type('c_CodigoPostal'), listed('c_CodigoPostal', 10_000, 5));
    rmSync(path);
    writeFileSync(path, full);
    const whole = await Xsd.open(copy);
    expect([whole.off, whole.faultsOf(comprobante())]).toEqual([undefined, []]);
    const unknown = Buffer.from(
      comprobante().toString().replace('"01010101"', '"99999999"').replace('"42501"', '"99999"'),
    );
    expect(whole.faultsOf(unknown)).toEqual([
      { place: 'LugarExpedicion', rule: 'enumeration' },
      { place: 'ClaveProdServ', rule: 'enumeration' },
    ]);
  });

  it('is off, with a reason, over a page that a web server sent in place of a schema', async () => {
    const copy = join(folder, 'html');
    cpSync(satResource('www.sat.gob.mx'), join(copy, 'www.sat.gob.mx'), { recursive: true });
    const path = join(copy, 'www.sat.gob.mx/sitio_internet/cfd/catalogos/catCFDI.xsd');
    rmSync(path);
    writeFileSync(path, '<html><body>502 Bad Gateway</body></html>');
    expect((await Xsd.open(copy)).off).toMatch(/no se pueden usar juntos/);
  });
});
