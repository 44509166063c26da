import type { Ttf } from './ttf.ts';

const ARGUMENTS_ARE_WORDS = 0x0001;
const HAS_SCALE = 0x0008;
const HAS_MORE = 0x0020;
const HAS_TWO_SCALES = 0x0040;
const HAS_MATRIX = 0x0080;
const HAS_INSTRUCTIONS = 0x0100;

const VERSION = 0x0001_0000;
const HEADER_BYTES = 12;
const ENTRY_BYTES = 16;
const OUTLINE_HEAD_BYTES = 10;
/** Where the table `maxp` tells what the hints need. */
const ZONES_AT = 14;

/**
 * A TrueType font of those glyphs only, numbered in their order, and of what they are composed of after them. Without
 * hints, which paper does not need and which are half of a font.
 */
export function subconjunto(ttf: Ttf, glyphs: readonly number[]): Buffer {
  const numbers = new Map<number, number>();
  const queue = [...glyphs];
  for (const [index, glyph] of glyphs.entries()) if (!numbers.has(glyph)) numbers.set(glyph, index);
  const numberOf = (glyph: number): number => {
    const known = numbers.get(glyph);
    if (known !== undefined) return known;
    numbers.set(glyph, queue.push(glyph) - 1);
    return queue.length - 1;
  };
  const outlines: Buffer[] = [];
  for (let index = 0; index < queue.length; index += 1) {
    outlines.push(padded(outline(ttf.outlineOf(queue[index] ?? 0), numberOf), 4));
  }
  return written([
    ['glyf', Buffer.concat(outlines)],
    ['head', head(ttf)],
    ['hhea', patched(ttf.hhea, (hhea) => hhea.writeUInt16BE(queue.length, 34))],
    ['hmtx', hmtx(ttf, queue)],
    ['loca', loca(outlines)],
    ['maxp', maxp(ttf, queue.length)],
  ]);
}

/** The data of a glyph without its hints, and with the new numbers of the glyphs it is composed of. */
function outline(data: Buffer, numberOf: (glyph: number) => number): Buffer {
  if (data.length === 0) return data;
  const contours = data.readInt16BE(0);
  if (contours < 0) return composite(Buffer.from(data), numberOf);
  const hints = OUTLINE_HEAD_BYTES + contours * 2;
  const rest = data.subarray(hints + 2 + data.readUInt16BE(hints));
  return Buffer.concat([data.subarray(0, hints), Buffer.alloc(2), rest]);
}

function composite(data: Buffer, numberOf: (glyph: number) => number): Buffer {
  let at = OUTLINE_HEAD_BYTES;
  for (let flags = HAS_MORE; (flags & HAS_MORE) !== 0;) {
    flags = data.readUInt16BE(at);
    data.writeUInt16BE(flags & ~HAS_INSTRUCTIONS, at);
    data.writeUInt16BE(numberOf(data.readUInt16BE(at + 2)), at + 2);
    at += 4 + ((flags & ARGUMENTS_ARE_WORDS) === 0 ? 2 : 4) + matrixBytes(flags);
  }
  return data.subarray(0, at);
}

function matrixBytes(flags: number): number {
  if ((flags & HAS_SCALE) !== 0) return 2;
  if ((flags & HAS_TWO_SCALES) !== 0) return 4;
  return (flags & HAS_MATRIX) === 0 ? 0 : 8;
}

function head(ttf: Ttf): Buffer {
  return patched(ttf.head, (bytes) => {
    bytes.writeUInt32BE(0, 8); // checksum of the whole, which a font within a PDF does not have
    bytes.writeInt16BE(1, 50); // long offsets
  });
}

function maxp(ttf: Ttf, count: number): Buffer {
  return patched(ttf.maxp, (bytes) => {
    bytes.writeUInt16BE(count, 4);
    bytes.writeUInt16BE(1, ZONES_AT); // no hints: the least zones, and room for nothing
    bytes.fill(0, ZONES_AT + 2, ZONES_AT + 14);
  });
}

function hmtx(ttf: Ttf, glyphs: readonly number[]): Buffer {
  const bytes = Buffer.alloc(glyphs.length * 4);
  for (const [index, glyph] of glyphs.entries()) {
    const data = ttf.outlineOf(glyph);
    bytes.writeUInt16BE(ttf.advanceOf(glyph), index * 4);
    bytes.writeInt16BE(data.length === 0 ? 0 : data.readInt16BE(2), index * 4 + 2); // its bearing is its least x
  }
  return bytes;
}

function loca(outlines: readonly Buffer[]): Buffer {
  const bytes = Buffer.alloc((outlines.length + 1) * 4);
  let offset = 0;
  for (const [index, one] of outlines.entries()) {
    offset += one.length;
    bytes.writeUInt32BE(offset, (index + 1) * 4);
  }
  return bytes;
}

function written(tables: readonly (readonly [string, Buffer])[]): Buffer {
  const header = Buffer.alloc(HEADER_BYTES + tables.length * ENTRY_BYTES);
  const largest = 2 ** Math.floor(Math.log2(tables.length));
  header.writeUInt32BE(VERSION, 0);
  header.writeUInt16BE(tables.length, 4);
  header.writeUInt16BE(largest * ENTRY_BYTES, 6);
  header.writeUInt16BE(Math.log2(largest), 8);
  header.writeUInt16BE((tables.length - largest) * ENTRY_BYTES, 10);
  const parts: Buffer[] = [header];
  let offset = header.length;
  for (const [index, [tag, bytes]] of tables.entries()) {
    const at = HEADER_BYTES + index * ENTRY_BYTES;
    const whole = padded(bytes, 4);
    header.write(tag, at, 'latin1');
    header.writeUInt32BE(checksum(whole), at + 4);
    header.writeUInt32BE(offset, at + 8);
    header.writeUInt32BE(bytes.length, at + 12);
    parts.push(whole);
    offset += whole.length;
  }
  return Buffer.concat(parts);
}

function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 4) sum = (sum + bytes.readUInt32BE(at)) >>> 0;
  return sum;
}

function padded(bytes: Buffer, to: number): Buffer {
  const missing = (to - (bytes.length % to)) % to;
  return missing === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(missing)]);
}

function patched(bytes: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(copy);
  return copy;
}
