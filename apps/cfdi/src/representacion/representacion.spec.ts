import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { calculaImportes, ejemploDeIngreso, type Documento } from '@nexora/comprobante';
import { describeWhen } from '@nexora/testing';
import { TFD } from '../comprobante/espacios.ts';
import { sella } from '../comprobante/sellado.ts';
import { readFuentes } from '../store/fuentes.ts';
import { dibuja } from './dibujo.ts';
import { etiquetas, type Idioma } from './etiquetas.ts';
import { miles, tasa } from './formato.ts';
import { readRepresentacion } from './lectura.ts';
import { codigoQr } from './qr.ts';
import { direccionDeVerificacion } from './verificacion.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const UUID = '5fb2822e-396d-4725-8521-cdc4bdd20ccf';
const fuentes = readFuentes();

function stamped(documento: Documento = ejemploDeIngreso()): Buffer {
  const certificado = { numero: '3'.repeat(20), base64: 'AA==' };
  const emisor = { rfc: 'EKU9003173C9', nombre: 'ESCUELA KEMPER URGATE', regimenFiscal: '601' };
  const importes = calculaImportes(documento);
  const { bytes, sello } = sella(
    { documento, importes, emisor, fecha: '2026-11-21T09:30:00', certificado },
    privateKey,
  );
  const tfd =
    `<tfd:TimbreFiscalDigital xmlns:tfd="${TFD}" Version="1.1" UUID="${UUID}" FechaTimbrado="2026-11-21T09:30:05" ` +
    `RfcProvCertif="SPR190613I52" SelloCFD="${sello}" NoCertificadoSAT="${'4'.repeat(20)}" SelloSAT="${sello}"/>`;
  const inside = `<cfdi:Complemento>${tfd}</cfdi:Complemento></cfdi:Comprobante>`;
  return Buffer.from(bytes.toString('utf8').replace('</cfdi:Comprobante>', inside));
}
const draw = (xml: Buffer, idioma: Idioma = 'es'): Promise<Buffer> =>
  dibuja(readRepresentacion(xml), { fuentes, idioma });

describe("the SAT's verification address", () => {
  const base = {
    uuid: UUID,
    emisor: 'EKU9003173C9',
    receptor: 'CACX7605101P8',
    total: '115.99',
    sello: 'abcdefgh12345678',
  };

  it('carries folio, both RFCs, total and the end of the seal', () => {
    expect(direccionDeVerificacion(base)).toBe(
      `https://verificacfdi.facturaelectronica.sat.gob.mx/default.aspx?id=${UUID}&re=EKU9003173C9&rr=CACX7605101P8&tt=115.99&fe=12345678`,
    );
  });

  it('writes the & of an RFC as &amp;', () => {
    expect(direccionDeVerificacion({ ...base, emisor: 'H&E951128469' })).toContain('&re=H&amp;E951128469&rr=');
  });

  it.each([
    ['115.90', '115.9'],
    ['100.00', '100.0'],
    ['100', '100.0'],
    ['0.00', '0.0'],
    ['0.10', '0.1'],
    ['123456789012345678.000001', '123456789012345678.000001'],
  ])('writes the total %s as %s', (total, written) => {
    expect(direccionDeVerificacion({ ...base, total })).toContain(`&tt=${written}&`);
  });
});

describe('figures for people', () => {
  it.each([
    ['0.00', '0.00'],
    ['999.5', '999.5'],
    ['1000', '1,000'],
    ['1234567.891', '1,234,567.891'],
  ])('%s is written %s', (figure, written) => {
    expect(miles(figure)).toBe(written);
  });

  it.each([
    ['0.160000', '16%'],
    ['0.080000', '8%'],
    ['0.106667', '10.6667%'],
    ['0.012500', '1.25%'],
    ['1.600000', '160%'],
    ['0.000000', '0%'],
    ['0.300000', '30%'],
  ])('a rate of %s is written %s', (rate, written) => {
    expect(tasa('Tasa', rate)).toBe(written);
  });

  it('leaves an amount per unit as it is', () => {
    expect(tasa('Cuota', '6.754000')).toBe('6.754000');
    expect(tasa('Exento', '')).toBe('');
  });
});

describe('the QR code', () => {
  it('is a square of vectors, every bar inside it', () => {
    const { size, barras } = codigoQr('hola');
    expect(size).toBe(21);
    for (const { x, y, width } of barras) {
      expect(x >= 0 && y >= 0 && width > 0 && x + width <= size && y < size).toBe(true);
    }
  });
});

describe('the representación impresa', () => {
  it('is a PDF of one page for a usual sale, the same bytes for the same XML', async () => {
    const xml = stamped();
    const [one, other] = [await draw(xml), await draw(xml)];
    expect(one.subarray(0, 5).toString()).toBe('%PDF-');
    expect(one.toString('latin1').match(/\/Type \/Page\b/g)).toHaveLength(1);
    expect(one.equals(other)).toBe(true);
    expect(one.length).toBeLessThan(60_000);
  });

  it('turns the page only when sums and seals do not fit below the lines', async () => {
    const [line] = ejemploDeIngreso().conceptos!;
    const pages = async (length: number): Promise<number> => {
      const pdf = await draw(stamped(ejemploDeIngreso({ conceptos: Array.from({ length }, () => line!) })));
      return pdf.toString('latin1').match(/\/Type \/Page\b/g)!.length;
    };
    expect([await pages(5), await pages(10), await pages(12)]).toEqual([1, 1, 2]);
  });

  it('takes as many pages as the sale needs', async () => {
    const [line] = ejemploDeIngreso().conceptos!;
    const conceptos = Array.from({ length: 60 }, (_, index) => ({
      ...line!,
      descripcion: `Producto ${index} `.repeat(8),
    }));
    const pdf = await draw(stamped(ejemploDeIngreso({ conceptos })));
    expect(pdf.toString('latin1').match(/\/Type \/Page\b/g)!.length).toBeGreaterThan(3);
  });

  it('has every word in both languages', () => {
    expect(Object.keys(etiquetas('en'))).toEqual(Object.keys(etiquetas('es')));
    expect(Object.values(etiquetas('en')).every((text) => text !== '')).toBe(true);
  });

  it('says no to what is not stamped, and to what is no CFDI', () => {
    const bare = stamped()
      .toString()
      .replace(/<cfdi:Complemento>.*<\/cfdi:Complemento>/, '');
    expect(() => readRepresentacion(Buffer.from(bare))).toThrow(/no está timbrado/);
    expect(() => readRepresentacion(Buffer.from('<a/>'))).toThrow(/no es un CFDI/);
  });
});

const hasTools = ['pdftotext', 'pdftoppm', 'zbarimg'].every(
  (tool) => spawnSync(tool, ['--version']).error === undefined,
);

describeWhen({ met: hasTools, otherwise: 'pdftotext, pdftoppm or zbarimg is not installed' })(
  'the representación impresa, read back',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'pdf-'));
    afterAll(() => rmSync(folder, { recursive: true }));
    const saved = (pdf: Buffer): string => {
      writeFileSync(join(folder, 'x.pdf'), pdf);
      return join(folder, 'x.pdf');
    };

    it('shows everything that Anexo 20 asks of it', async () => {
      const receptor = { ...ejemploDeIngreso().receptor, nombre: 'LUCES & OBRAS "ÑANDÚ" <SUR>' };
      const xml = stamped(ejemploDeIngreso({ receptor, moneda: 'USD', tipoCambio: '18.25' }));
      const text = execFileSync('pdftotext', ['-raw', saved(await draw(xml)), '-']).toString();
      const flat = text.replace(/\s+/g, ' ');
      for (const part of [
        'ESCUELA KEMPER URGATE',
        'EKU9003173C9',
        '601 General de Ley Personas Morales',
        'LUCES & OBRAS "ÑANDÚ" <SUR>',
        'CACX7605101P8',
        '36257',
        '612 Personas Físicas con Actividades Empresariales y Profesionales',
        'G03 Gastos en general.',
        'A 1042',
        UUID,
        '2026-11-21 09:30:00',
        '2026-11-21 09:30:05',
        '33333333333333333333',
        '44444444444444444444',
        'SPR190613I52',
        '42501',
        'I Ingreso',
        '03 Transferencia electrónica de fondos',
        'PUE Pago en una sola exhibición',
        '18.25',
        '01 No aplica',
        'H87 Pieza',
        '01010101',
        'Café de olla',
        '002 IVA trasladado 16%',
        '99.99',
        '115.99',
        'CIENTO QUINCE DÓLARES 99/100 USD',
        'representación impresa de un CFDI',
        'Página 1 de 1',
      ]) {
        expect([part, flat.includes(part)]).toEqual([part, true]);
      }
      const { cadenaDelTimbre, encabezado } = readRepresentacion(xml);
      const tight = text.replace(/\s+/g, '');
      expect(tight).toContain(encabezado('Sello'));
      expect(tight).toContain(cadenaDelTimbre);
    });

    it('carries a QR code that a reader reads, at least 2.75 cm wide', async () => {
      const xml = stamped();
      const file = saved(await draw(xml));
      execFileSync('pdftoppm', ['-r', '150', '-png', file, join(folder, 'page')], { stdio: 'ignore' });
      const read = execFileSync('zbarimg', ['-q', '--raw', '--xml', join(folder, 'page-1.png')], {
        stdio: ['ignore', 'pipe', 'ignore'],
      }).toString();
      expect(read).toContain(readRepresentacion(xml).verificacion);
      const points = [...read.matchAll(/points='([^']*)'/g)]
        .flatMap(([, list = '']) => list.match(/-?\d+/g) ?? [])
        .map(Number);
      const xs = points.filter((_, index) => index % 2 === 0);
      if (xs.length > 0) expect(Math.max(...xs) - Math.min(...xs)).toBeGreaterThan((2.75 / 2.54) * 150 - 2);
    });
  },
);
