import { inflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { readFuentes } from '../../store/fuentes.ts';
import type { Parte, Tipo } from './tipo.ts';

const { normal } = readFuentes();

/** What a text makes of the typeface. */
function used(tipo: Tipo, text: string): { readonly hex: string; readonly parte: Parte } {
  const uso = tipo.uso();
  return { hex: uso.hex(text), parte: uso.parte() };
}

/** Tables of a font: where each begins and how long it is. */
function tablesOf(font: Buffer): Map<string, Buffer> {
  const entries = Array.from({ length: font.readUInt16BE(4) }, (_, index) => 12 + index * 16);
  return new Map(
    entries.map((at) => {
      const offset = font.readUInt32BE(at + 8);
      return [font.toString('latin1', at, at + 4), font.subarray(offset, offset + font.readUInt32BE(at + 12))];
    }),
  );
}

describe('the part of a font within a PDF', () => {
  it('is made once for all documents of usual letters', () => {
    const one = used(normal, 'Café de olla, 3 piezas').parte;
    expect(used(normal, 'ÑANDÚ ¿quién?').parte).toBe(one);
    expect(one.file.length).toBeLessThan(12_000);
  });

  it('holds the letters that a document has beyond those', () => {
    const usual = used(normal, '').parte;
    const { hex, parte } = used(normal, 'Ωя');
    const count = usual.widths.length;
    expect(hex).toBe(count.toString(16).padStart(4, '0') + (count + 1).toString(16).padStart(4, '0'));
    expect(parte.widths).toHaveLength(count + 2);
    expect(inflateSync(parte.toUnicode).toString()).toMatch(/<03a9>[^]*<044f>/);
    expect(parte.name).not.toBe(usual.name);
  });

  it('shows a box for what the font has not, and still tells which character it was', () => {
    const { parte } = used(normal, '咖🌮');
    expect(parte.widths.slice(-2)).toEqual([600, 600].map(() => Math.round(normal.ancho(0xfffff) * 1000)));
    expect(inflateSync(parte.toUnicode).toString()).toMatch(/<5496>[^]*<d83cdf2e>/);
  });

  it('is a font whose glyphs all stand within it, accents too', () => {
    const { parte } = used(normal, 'ÁÇŐ');
    const tables = tablesOf(inflateSync(parte.file));
    expect([...tables.keys()]).toEqual(['glyf', 'head', 'hhea', 'hmtx', 'loca', 'maxp']);
    const loca = tables.get('loca')!;
    const count = tables.get('maxp')!.readUInt16BE(4);
    expect(count).toBeGreaterThan(parte.widths.length); // the accents that letters are composed of
    expect(loca).toHaveLength((count + 1) * 4);
    const offsets = Array.from({ length: count + 1 }, (_, index) => loca.readUInt32BE(index * 4));
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
    expect(offsets.at(-1)).toBe(tables.get('glyf')!.length);
    expect(tables.get('hmtx')).toHaveLength(count * 4);
  });

  it('keeps only so many of the rare ones', () => {
    const first = used(normal, 'Ж').parte;
    for (let code = 0x0400; code < 0x0420; code += 1) used(normal, String.fromCodePoint(code, 0x0430));
    expect(used(normal, 'Ж').parte).not.toBe(first);
    expect(used(normal, 'Ж').parte).toEqual(first);
  });
});

it('a text is as wide as its letters', () => {
  expect(normal.anchoDe('año')).toBeCloseTo(
    [...'año'].reduce((sum, one) => sum + normal.ancho(one.codePointAt(0)!), 0),
  );
  expect(normal.anchoDe('')).toBe(0);
});
