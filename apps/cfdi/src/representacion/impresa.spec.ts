import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWhen } from '@nexora/testing';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { readFuentes } from '../store/fuentes.ts';
import { dibuja, type Estilo } from './dibujo.ts';
import { GALERIA } from './muestras/galeria.conformance.ts';
import { readRepresentacion } from './lectura.ts';
import { muestra, UUID } from './muestras/muestras.conformance.ts';

const require = createRequire(import.meta.url);
const fuentes = readFuentes();
const DPI = 150;
const PT_PER_CM = 72 / 2.54;

const missing = ['pdftotext', 'pdftoppm', 'pdffonts', 'pdfinfo'].filter(
  (tool) => spawnSync(tool, ['-v']).error !== undefined,
);

describeWhen({ met: missing.length === 0, otherwise: `${missing.join(', ')} is not installed (poppler-utils)` })(
  'the PDF as another program reads it',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'pdf-'));
    const file = join(folder, 'x.pdf');
    afterAll(() => rmSync(folder, { recursive: true }));

    let said = '';
    const save = async (xml: Buffer, style: Partial<Estilo> = {}): Promise<void> => {
      writeFileSync(file, await dibuja(readRepresentacion(xml), { fuentes, idioma: 'es', ...style }));
      said = execFileSync('pdftotext', ['-raw', file, '-']).toString().replace(/\s+/g, ' ');
    };
    const words = (): string => said;
    const tight = (): string => words().replaceAll(' ', '');

    /** The QR codes of a page. */
    async function codes(page = 1): ReturnType<typeof readBarcodes> {
      const args = ['-r', String(DPI), '-gray', '-png', '-f', String(page), '-l', String(page), file];
      const png = execFileSync('pdftoppm', args, { maxBuffer: 50_000_000 });
      return readBarcodes(new Uint8Array(png), { formats: ['QRCode'] });
    }

    beforeAll(async () => {
      const wasmBinary = new Uint8Array(readFileSync(require.resolve('zxing-wasm/reader/zxing_reader.wasm'))).buffer;
      await prepareZXingModule({ overrides: { wasmBinary }, fireImmediately: true });
    });

    it('says everything that the rule 2.7.1.7 and Anexo 20 ask of an invoice', async () => {
      const xml = GALERIA['everything of a line']!();
      await save(xml);
      const text = words();
      for (const part of [
        'ESCUELA KEMPER URGATE',
        'RFC EKU9003173C9',
        'Régimen fiscal 601 General de Ley Personas Morales',
        'Lugar de expedición (C.P.) 42501',
        'FACTURA',
        'A 1042',
        UUID,
        'Fecha y hora de expedición 2026-11-21 09:30:00',
        'Fecha y hora de certificación 2026-11-21 09:30:05',
        'Certificado del emisor 30001000000500003416',
        'Certificado del SAT 30001000000500003456',
        'RFC del proveedor de certificación SPR190613I52',
        'XOCHILT CASAS CHAVEZ',
        'RFC CACX7605101P8',
        'Domicilio fiscal (C.P.) 36257',
        '612 Personas Físicas con Actividades Empresariales y Profesionales',
        'Uso del CFDI G03 Gastos en general',
        'Tipo de comprobante I Ingreso',
        'Forma de pago 03 Transferencia electrónica de fondos',
        'Método de pago PUE Pago en una sola exhibición',
        'Condiciones de pago Contado',
        'Moneda MXN',
        'Exportación 01 No aplica',
        'CFDI relacionados: 01 Nota de crédito de los documentos relacionados',
        '00000003-396d-4725-8521-cdc4bdd20ccf',
        '25101503',
        'SKU-1',
        'H87',
        'Pieza',
        'Automóvil sedán, con equipo',
        '1,500.00',
        '250,000.00',
        'Objeto de impuesto: 02 Sí objeto de impuesto',
        '002 IVA trasladado 16%, base 248,500.00: 39,760.00',
        '003 IEPS trasladado 6.754000, base 248,500.00: 1,678.37',
        '002 IVA exento, base 10.00',
        '001 ISR retenido 1.25%, base 248,500.00: 3,106.25',
        'Pedimento: 15 48 3009 0001234',
        'Cuenta predial: 15956011002',
        'A cuenta de terceros: ADRIANA JUAREZ FERNANDEZ, RFC JUFA7608212V6, 606 Arrendamiento, Domicilio fiscal (C.P.) 29133',
        'Parte: 25172504 · LL-17 · Llanta rin 17 · 4 Pieza × 2,100.00 = 8,400.00 · Pedimento 15 48 3009 0005678',
        'Subtotal 250,000.00',
        'Descuento -1,500.00',
        '001 ISR retenido -3,106.25',
        'Total de impuestos trasladados 41,446.37',
        'Total de impuestos retenidos -3,116.25',
        'TOTAL MXN 286,832.12',
        'DOSCIENTOS OCHENTA Y SEIS MIL OCHOCIENTOS TREINTA Y DOS PESOS 12/100 M.N.',
        'Este documento es una representación impresa de un CFDI',
        'Página 1 de 1',
      ]) {
        expect([part, text.includes(part)]).toEqual([part, true]);
      }
      const { cadenaDelTimbre, encabezado, timbre } = readRepresentacion(xml);
      for (const seal of [encabezado('Sello'), timbre('SelloSAT'), cadenaDelTimbre]) expect(tight()).toContain(seal);
    });

    it('says what belongs to other currencies, exports and receivers abroad', async () => {
      await save(GALERIA['longest names']!());
      for (const part of ['Residencia fiscal USA', 'Confirmación ECVH1', 'Operación del adquirente 0123456789']) {
        expect([part, words().includes(part)]).toEqual([part, true]);
      }
      await save(GALERIA['foreign currency']!());
      for (const part of ['Moneda USD', 'Tipo de cambio 18.2575', '02 Definitiva con clave A1', 'DÓLARES 53/100 USD']) {
        expect([part, words().includes(part)]).toEqual([part, true]);
      }
    });

    it('says of a global invoice for what time it is', async () => {
      await save(GALERIA['global invoice']!());
      expect(words()).toContain('FACTURA GLOBAL');
      expect(words()).toContain('Información global 01 Diario, 11 Noviembre 2026');
    });

    it('says every payment, its accounts, documents and taxes, and the sums', async () => {
      await save(GALERIA['payments of many documents']!());
      for (const part of [
        'RECIBO DE PAGO P 77',
        'PAGO 1 DE 2',
        'USD 1,160.00',
        'Fecha de pago 2026-11-20 12:00:00',
        'Tipo de cambio 18.2575',
        'Número de operación SPEI-20261120-000123456',
        'RFC del banco ordenante BBA830831LJ2',
        'Cuenta ordenante 012180001234567897',
        'RFC del banco beneficiario BMN930209927',
        'Cuenta beneficiaria 072180009876543210',
        'Tipo de cadena de pago 01 SPEI',
        'Banco ordenante extranjero FIRST NATIONAL BANK OF SAN ANTONIO',
        'd9e6a2b4-0c3f-4f5b-8a67-2f1c9be40a11',
        'A 1040',
        '12,345,678.90',
        'Impuestos del pago',
        'Retenciones de ISR 12.50',
        'Base de IVA 16% 1,000.00',
        'Base de IVA exento 5.00',
        'TOTAL DE PAGOS MXN 1,160.00',
        'MIL CIENTO SESENTA PESOS 00/100 M.N.',
      ]) {
        expect([part, words().includes(part)]).toEqual([part, true]);
      }
      const [first] = readRepresentacion(GALERIA['payments of many documents']!()).pagos!.pagos;
      for (const name of ['CertPago', 'CadPago', 'SelloPago']) expect(tight()).toContain(first!.value(name));
    });

    it('gives back letters that have no glyph, so that they can be copied', async () => {
      await save(GALERIA['letters of the world']!());
      for (const part of ['🌮🎉', '咖啡 コーヒー', 'JOSÉ MARÍA NÚÑEZ ÁVILA ÜBER ÇELIK', 'é suelta, €, ½, ≤ 5 µm']) {
        expect([part, words().includes(part)]).toEqual([part, true]);
      }
    });

    it('has its fonts embedded, as parts', async () => {
      await save(muestra());
      const lines = execFileSync('pdffonts', [file]).toString().trim().split('\n').slice(2);
      expect(lines).toHaveLength(2);
      for (const line of lines)
        expect(line).toMatch(/^[A-Z]{6}\+DejaVuSansCondensed(-Bold)? +CID TrueType +Identity-H +yes yes yes/);
    });

    it.each(['one line', '100 lines', 'payment'])(
      'carries a QR code that a reader reads, at least 2.75 cm wide (%s)',
      async (name) => {
        const xml = GALERIA[name]!();
        await save(xml);
        const pages = Number(/Pages: +(\d+)/.exec(execFileSync('pdfinfo', [file]).toString())?.[1]);
        const [code, ...others] = await codes(pages);
        expect(others).toEqual([]);
        expect(code).toMatchObject({ text: readRepresentacion(xml).verificacion, ecLevel: 'M' });
        const { topLeft, topRight, bottomLeft } = code!.position;
        for (const corner of [topRight, bottomLeft]) {
          const side = Math.hypot(corner.x - topLeft.x, corner.y - topLeft.y);
          expect((side / DPI) * 2.54).toBeGreaterThan(2.75);
        }
      },
    );

    it('carries an RFC with & or Ñ and a total without zeros in its QR code', async () => {
      const emisor = { Rfc: 'H&E951128469' };
      await save(muestra({ emisor, receptor: { Rfc: 'OÑO120726RX3' }, comprobante: { Total: '1500.10' } }));
      const [code] = await codes();
      expect(code?.text).toMatch(/\?id=[0-9a-f-]{36}&re=H&amp;E951128469&rr=OÑO120726RX3&tt=1500\.1&fe=.{8}$/);
    });

    it('is read behind the mark of a cancelled comprobante too', async () => {
      await save(muestra(), { isCancelled: true });
      expect(tight()).toContain('CANCELADO');
      expect((await codes())[0]?.text).toContain(UUID);
      await save(muestra(), { isCancelled: true, idioma: 'en' });
      expect(tight()).toContain('CANCELLED');
    });

    it('keeps the paper margin of 36 points free on all sides', async () => {
      await save(GALERIA['longest names']!());
      const box = execFileSync('pdftotext', ['-bbox', file, '-']).toString();
      const words = [...box.matchAll(/xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)"/g)].map((one) =>
        one.slice(1).map(Number),
      ) as [number, number, number, number][];
      expect(words.length).toBeGreaterThan(100);
      expect(Math.min(...words.map(([left]) => left))).toBeGreaterThan(1.2 * PT_PER_CM);
      expect(Math.max(...words.map(([, , right]) => right))).toBeLessThan(612 - 1.2 * PT_PER_CM);
      expect(Math.max(...words.map(([, , , bottom]) => bottom))).toBeLessThan(792 - 1.2 * PT_PER_CM);
    });
  },
);
