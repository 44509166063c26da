/** What the drawing needs of a TrueType font (OpenType specification). Lengths are in units of the font. */
export interface Ttf {
  readonly unitsPerEm: number;
  readonly ascent: number;
  /** Below the line: negative. */
  readonly descent: number;
  readonly capHeight: number;
  /** Least x, least y, most x, most y of all glyphs. */
  readonly bbox: readonly [number, number, number, number];
  /** The tables that a subset takes over with few changes. */
  readonly head: Buffer;
  readonly hhea: Buffer;
  readonly maxp: Buffer;
  /** Glyph of a character; 0, the box of missing ones, when the font has none. */
  readonly glyphOf: (codePoint: number) => number;
  readonly advanceOf: (glyph: number) => number;
  /** Data of a glyph as the table `glyf` holds it; empty for a space. */
  readonly outlineOf: (glyph: number) => Buffer;
}

/** A capital without round parts tells how tall capitals are. */
const CAPITAL = 0x48;

const ENTRY_BYTES = 16;
const FIRST_ENTRY = 12;
const SEGMENTED_COVERAGE = 12;
/** Most y of a glyph, within its data. */
const TOP_AT = 8;

/** Reads a TrueType font. @throws Error when a table is missing or the font has no map of all of Unicode */
export function readTtf(font: Buffer): Ttf {
  const table = tablesOf(font);
  const head = table('head');
  const hhea = table('hhea');
  const hmtx = table('hmtx');
  const loca = table('loca');
  const glyf = table('glyf');
  const hasLongOffsets = head.readInt16BE(50) === 1;
  const offsetOf = (index: number): number =>
    hasLongOffsets ? loca.readUInt32BE(index * 4) : loca.readUInt16BE(index * 2) * 2;
  const outlineOf = (glyph: number): Buffer => glyf.subarray(offsetOf(glyph), offsetOf(glyph + 1));
  const glyphOf = characterMap(table('cmap'));
  const lastMetric = hhea.readUInt16BE(34) - 1;
  return {
    unitsPerEm: head.readUInt16BE(18),
    ascent: hhea.readInt16BE(4),
    descent: hhea.readInt16BE(6),
    capHeight: outlineOf(glyphOf(CAPITAL)).readInt16BE(TOP_AT),
    bbox: [head.readInt16BE(36), head.readInt16BE(38), head.readInt16BE(40), head.readInt16BE(42)],
    head,
    hhea,
    maxp: table('maxp'),
    glyphOf,
    advanceOf: (glyph) => hmtx.readUInt16BE(Math.min(glyph, lastMetric) * 4),
    outlineOf,
  };
}

function tablesOf(font: Buffer): (tag: string) => Buffer {
  const found = new Map<string, Buffer>();
  for (let index = 0; index < font.readUInt16BE(4); index += 1) {
    const at = FIRST_ENTRY + index * ENTRY_BYTES;
    const offset = font.readUInt32BE(at + 8);
    found.set(font.toString('latin1', at, at + 4), font.subarray(offset, offset + font.readUInt32BE(at + 12)));
  }
  return (tag) => {
    const bytes = found.get(tag);
    if (bytes === undefined) throw new Error(`The font has no table ${tag}.`);
    return bytes;
  };
}

/** Reads the map of format 12, which covers emoji too. */
function characterMap(cmap: Buffer): (codePoint: number) => number {
  const count = cmap.readUInt16BE(2);
  const map = Array.from({ length: count }, (_, index) => cmap.subarray(cmap.readUInt32BE(8 + index * 8))).find(
    (one) => one.readUInt16BE(0) === SEGMENTED_COVERAGE,
  );
  if (map === undefined) throw new Error('The font has no character map of format 12.');
  const groups = Array.from({ length: map.readUInt32BE(12) }, (_, index) => 16 + index * 12).map((at) => ({
    first: map.readUInt32BE(at),
    last: map.readUInt32BE(at + 4),
    glyph: map.readUInt32BE(at + 8),
  }));
  return (codePoint) => {
    let low = 0;
    let high = groups.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const group = groups[middle];
      if (group === undefined) break;
      if (codePoint < group.first) high = middle - 1;
      else if (codePoint > group.last) low = middle + 1;
      else return group.glyph + codePoint - group.first;
    }
    return 0;
  };
}
