import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { readFuentes } from '../store/fuentes.ts';
import { dibuja, type Estilo } from './dibujo.ts';
import { etiquetas } from './etiquetas.ts';
import { DESCRIPCION_LARGA, GALERIA, NOMBRE_LARGO } from './muestras/galeria.conformance.ts';
import { readRepresentacion } from './lectura.ts';
import { PAGINA, type Marca } from './lienzo.ts';
import { concepto, encimadas, fuera, muestra } from './muestras/muestras.conformance.ts';

const fuentes = readFuentes();

/** A drawing and where its lines of text stand. */
async function drawn(
  xml: Buffer,
  style: Partial<Estilo> = {},
): Promise<{ readonly pdf: Buffer; readonly marcas: Marca[] }> {
  const marcas: Marca[] = [];
  const pdf = await dibuja(readRepresentacion(xml), {
    fuentes,
    idioma: 'es',
    traza: (one) => marcas.push(one),
    ...style,
  });
  return { pdf, marcas };
}

const pagesOf = (pdf: Buffer): number => pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length ?? 0;
const textOf = (marcas: readonly Marca[]): string => marcas.map(({ text }) => text).join(' ');
const tight = (text: string): string => text.replace(/\s+/g, '');

describe.each(Object.keys(GALERIA))('the print of a comprobante with %s', (name) => {
  const xml = GALERIA[name]!();

  it.each(['es', 'en'] as const)(
    'stays within the margins, and nothing stands on anything else (%s)',
    async (idioma) => {
      const { marcas } = await drawn(xml, { idioma });
      expect(fuera(marcas)).toEqual([]);
      expect(encimadas(marcas)).toEqual([]);
    },
  );

  it('has on each page its number, the legend and which comprobante it is', async () => {
    const { pdf, marcas } = await drawn(xml);
    const pages = pagesOf(pdf);
    for (let page = 1; page <= pages; page += 1) {
      const text = textOf(marcas.filter((one) => one.page === page));
      expect(text).toContain('Este documento es una representación impresa de un CFDI');
      expect(text).toContain(`Página ${page} de ${pages}`);
      expect(text).toContain('5fb2822e-396d-4725-8521-cdc4bdd20ccf');
    }
  });

  it('gives the same bytes again', async () => {
    const [one, other] = [await drawn(xml), await drawn(xml)];
    expect(one.pdf.equals(other.pdf)).toBe(true);
  });
});

describe('pages', () => {
  it('a usual sale takes one, small enough to be sent', async () => {
    const { pdf } = await drawn(GALERIA['5 lines']!());
    expect(pagesOf(pdf)).toBe(1);
    expect(pdf.length).toBeLessThan(40_000);
  });

  it('a hundred lines take several, each with the heading of the table', async () => {
    const { pdf, marcas } = await drawn(GALERIA['100 lines']!());
    const pages = pagesOf(pdf);
    expect(pages).toBeGreaterThan(4);
    const headings = marcas.filter(({ text }) => text === 'Valor unitario').map(({ page }) => page);
    expect(headings).toEqual(Array.from({ length: pages }, (_, index) => index + 1));
    for (let line = 1; line <= 100; line += 1) expect(textOf(marcas)).toContain(`SKU-${line} `);
  });

  it('the page of sums and seals has the last line too', async () => {
    for (const length of [11, 12, 13, 14, 15, 16, 17, 18]) {
      const conceptos = Array.from({ length }, (_, index) => concepto({ NoIdentificacion: `SKU-${index + 1}` }));
      const { marcas } = await drawn(muestra({ conceptos }));
      const pageOf = (text: string): number | undefined => marcas.find((one) => one.text === text)?.page;
      expect([length, pageOf(`SKU-${length}`)]).toEqual([length, pageOf('Sello digital del SAT')]);
    }
  });

  it('seals stand whole on one page', async () => {
    for (const name of ['long seals', '100 lines', 'payments of many documents']) {
      const { marcas } = await drawn(GALERIA[name]!());
      const from = marcas.findIndex(({ text }) => text === 'Sello digital del CFDI');
      const to = marcas.findLastIndex(({ text }) => text.endsWith('||'));
      expect(new Set(marcas.slice(from, to + 1).map(({ page }) => page)).size).toBe(1);
    }
  });
});

describe('texts', () => {
  it('the longest are there whole', async () => {
    const all = tight(textOf((await drawn(GALERIA['longest names']!())).marcas));
    expect(all.split(tight(NOMBRE_LARGO))).toHaveLength(3); // issuer and receiver
    expect(all).toContain(tight(DESCRIPCION_LARGA));
    expect(all).toContain('X'.repeat(1000));
    expect(all).toContain('N'.repeat(100));
  });

  it('a figure is never broken, however long', async () => {
    const { marcas } = await drawn(GALERIA['foreign currency']!());
    const lines = marcas.map(({ text }) => text);
    for (const figure of ['1,234,567.123456', '123,456,789.123456', '152,415,787,532,388.123456', '143,208,715.53']) {
      expect(lines).toContain(figure);
    }
  });

  it('letters that the font has not are boxes and break nothing', async () => {
    const { pdf } = await drawn(GALERIA['letters of the world']!());
    expect(pagesOf(pdf)).toBe(1);
  });

  it('every word is there in both languages', () => {
    const keys = (idioma: 'es' | 'en'): string[] =>
      Object.entries(etiquetas(idioma)).flatMap(([key, value]) =>
        typeof value === 'string' ? [key] : Object.keys(value).map((inner) => `${key}.${inner}`),
      );
    expect(keys('en')).toEqual(keys('es'));
    expect(JSON.stringify(etiquetas('en'))).not.toContain('""');
  });

  it('English has codes with our wording, and the legend as the rule wants it', async () => {
    const text = textOf((await drawn(GALERIA['everything of a line']!(), { idioma: 'en' })).marcas);
    for (const part of [
      'INVOICE',
      '03 Electronic funds transfer',
      '601 General regime',
      '02 Subject to tax',
      '06 Leasing',
    ]) {
      expect(text).toContain(part.replace('06 Leasing', '606 Leasing'));
    }
    expect(text).toContain('Este documento es una representación impresa de un CFDI / This document');
  });

  it('an amount of a currency that nobody knows has no words, and the print goes on', async () => {
    const { marcas } = await drawn(muestra({ comprobante: { Moneda: 'QQQ' } }));
    expect(textOf(marcas)).toContain('TOTAL QQQ');
    expect(textOf(marcas)).not.toContain('IMPORTE CON LETRA');
  });
});

describe('the style of the issuer', () => {
  const logo = (format: 'png' | 'jpeg'): Promise<Buffer> =>
    sharp({ create: { width: 300, height: 100, channels: 3, background: '#0a7d55' } })
      .toFormat(format)
      .toBuffer();

  it.each(['png', 'jpeg'] as const)('puts a logo of type %s on top', async (format) => {
    const { pdf, marcas } = await drawn(muestra(), { logo: await logo(format) });
    expect(pdf.toString('latin1')).toContain('/Subtype /Image');
    const issuer = marcas.find(({ text }) => text === 'EMISOR');
    expect(issuer?.y).toBeGreaterThan(PAGINA.margin + 50);
    expect(encimadas(marcas)).toEqual([]);
  });

  it('marks every page of a cancelled comprobante', async () => {
    const [plain, marked] = [
      await drawn(GALERIA['100 lines']!()),
      await drawn(GALERIA['100 lines']!(), { isCancelled: true }),
    ];
    expect(pagesOf(marked.pdf)).toBe(pagesOf(plain.pdf));
    expect(marked.marcas).toEqual(plain.marcas);
    expect(marked.pdf.length).toBeGreaterThan(plain.pdf.length);
  });

  it('sets dark letters on a light colour', async () => {
    const { pdf } = await drawn(muestra(), { color: '#ffd500' });
    expect(pagesOf(pdf)).toBe(1);
  });
});
