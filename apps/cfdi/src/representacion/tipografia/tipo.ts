import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { subconjunto } from './subconjunto.ts';
import { readTtf, type Ttf } from './ttf.ts';

/** Characters that nearly every document has: their part of the font is made once for all documents. */
const USUAL = [
  ...Array.from({ length: 95 }, (_, index) => 0x20 + index),
  ...Array.from('\u00a0¡¿°·ºª«»áéíóúüñÁÉÍÓÚÜÑ–—‘’“”…•', (one) => one.codePointAt(0) ?? 0),
];
/** Subsets kept for documents with other characters. */
const MOST_KEPT = 16;
/** Lengths in a PDF are thousandths of the size of the letters. */
const PER_EM = 1000;

/** A part of a font, ready for a PDF. */
export interface Parte {
  readonly name: string;
  /** Compressed, with its length before that. */
  readonly file: Buffer;
  readonly fileLength: number;
  readonly toUnicode: Buffer;
  /** Width of each character, in thousandths. */
  readonly widths: readonly number[];
}

/** A typeface, read once for all documents. Lengths in ems. */
export class Tipo {
  readonly name: string;
  readonly ascent: number;
  readonly descent: number;
  readonly capHeight: number;
  /** In thousandths of an em. */
  readonly bbox: readonly number[];
  readonly #ttf: Ttf;
  readonly #widths = new Map<number, number>();
  readonly #usual = new Map(USUAL.map((code, index) => [code, hexOf(index)] as const));
  readonly #parts = new Map<string, Parte>();

  /** @throws Error when the bytes are no TrueType font that can be used */
  constructor(name: string, font: Buffer) {
    this.#ttf = readTtf(font);
    const { unitsPerEm, ascent, descent, capHeight, bbox } = this.#ttf;
    this.name = name;
    this.ascent = ascent / unitsPerEm;
    this.descent = -descent / unitsPerEm;
    this.capHeight = capHeight / unitsPerEm;
    this.bbox = bbox.map((one) => Math.round((one * PER_EM) / unitsPerEm));
  }

  /** Width of a character; that of the box of missing ones where the font has none. */
  readonly ancho = (code: number): number => {
    const known = this.#widths.get(code);
    if (known !== undefined) return known;
    const width = this.#ttf.advanceOf(this.#ttf.glyphOf(code)) / this.#ttf.unitsPerEm;
    this.#widths.set(code, width);
    return width;
  };

  /** Width of a text. */
  anchoDe(text: string): number {
    let sum = 0;
    for (const one of text) sum += this.ancho(one.codePointAt(0) ?? 0);
    return sum;
  }

  /** Begins to set a document: characters are numbered as they are used. */
  uso(): Uso {
    return new Uso(this.#usual, (extra) => this.#part(extra));
  }

  #part(extra: readonly number[]): Parte {
    const key = extra.join();
    const known = this.#parts.get(key);
    if (known !== undefined) return known;
    const part = this.#made([...USUAL, ...extra]);
    const [oldest] = [...this.#parts.keys()].filter((one) => one !== '');
    if (oldest !== undefined && this.#parts.size >= MOST_KEPT) this.#parts.delete(oldest);
    this.#parts.set(key, part);
    return part;
  }

  #made(codes: readonly number[]): Parte {
    const font = subconjunto(this.#ttf, codes.map(this.#ttf.glyphOf));
    const file = deflateSync(font, { level: 9 });
    return {
      name: `${tagOf(file)}+${this.name}`,
      file,
      fileLength: font.length,
      toUnicode: deflateSync(toUnicode(codes)),
      widths: codes.map((code) => Math.round(this.ancho(code) * PER_EM)),
    };
  }
}

/** What one document uses of a typeface. */
export class Uso {
  readonly #usual: ReadonlyMap<number, string>;
  readonly #extra = new Map<number, string>();
  readonly #part: (extra: readonly number[]) => Parte;

  constructor(usual: ReadonlyMap<number, string>, part: (extra: readonly number[]) => Parte) {
    this.#usual = usual;
    this.#part = part;
  }

  /** A text as the PDF holds it: four hexadecimal digits for each character. */
  hex(text: string): string {
    let out = '';
    for (const one of text) out += this.#numberOf(one.codePointAt(0) ?? 0);
    return out;
  }

  /** The part of the font that was used. */
  parte(): Parte {
    return this.#part([...this.#extra.keys()]);
  }

  #numberOf(code: number): string {
    const known = this.#usual.get(code) ?? this.#extra.get(code);
    if (known !== undefined) return known;
    const number = hexOf(USUAL.length + this.#extra.size);
    this.#extra.set(code, number);
    return number;
  }
}

function hexOf(number: number): string {
  return number.toString(16).padStart(4, '0');
}

/** Six capitals that tell this subset from others of the same font (ISO 32000-1, 9.6.4). */
function tagOf(bytes: Buffer): string {
  return Array.from(createHash('sha256').update(bytes).digest().subarray(0, 6), (one) =>
    String.fromCharCode(0x41 + (one % 26)),
  ).join('');
}

/** Tells readers which character stands behind each number, so that text can be searched and copied. */
function toUnicode(codes: readonly number[]): string {
  const lines = codes.map((code, index) => {
    const text = Buffer.from(String.fromCodePoint(code), 'utf16le').swap16().toString('hex');
    return `<${hexOf(index)}> <${text}>`;
  });
  const blocks = Array.from({ length: Math.ceil(lines.length / 100) }, (_, index) =>
    lines.slice(index * 100, (index + 1) * 100),
  ).map((block) => `${block.length} beginbfchar\n${block.join('\n')}\nendbfchar`);
  return `/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <ffff>
endcodespacerange
${blocks.join('\n')}
endcmap
CMapName currentdict /CMap defineresource pop
end
end`;
}
