/** Tables of a TrueType font that drawing letters one beside the other needs (OpenType specification). */
const KEPT: ReadonlySet<string> = new Set([
  ...['head', 'hhea', 'maxp', 'OS/2', 'hmtx', 'cmap', 'loca', 'glyf', 'name', 'post', 'cvt ', 'fpgm', 'prep'],
]);

/** A table of names of glyphs, which nothing here asks for, cut down to its head: version 3 has no names. */
const POST_HEAD_BYTES = 32;
const POST_WITHOUT_NAMES = 0x0003_0000;

const HEADER_BYTES = 12;
const ENTRY_BYTES = 16;

/**
 * The same font without kerning, ligatures and hints for scripts. Each PDF reads its fonts anew, and reading those
 * tables is most of the work of a page; figures and codes stand better without them anyway.
 */
export function plainFont(font: Buffer): Buffer {
  const count = font.readUInt16BE(4);
  const entries = Array.from({ length: count }, (_, index) => HEADER_BYTES + index * ENTRY_BYTES)
    .map((at) => ({
      tag: font.toString('latin1', at, at + 4),
      checksum: font.readUInt32BE(at + 4),
      offset: font.readUInt32BE(at + 8),
      length: font.readUInt32BE(at + 12),
    }))
    .map((entry) => (entry.tag === 'post' ? { ...entry, length: POST_HEAD_BYTES } : entry))
    .filter(({ tag }) => KEPT.has(tag));
  const header = Buffer.alloc(HEADER_BYTES + entries.length * ENTRY_BYTES);
  font.copy(header, 0, 0, HEADER_BYTES);
  header.writeUInt16BE(entries.length, 4);
  const parts: Buffer[] = [header];
  let offset = header.length;
  for (const [index, { tag, checksum, offset: from, length }] of entries.entries()) {
    const at = HEADER_BYTES + index * ENTRY_BYTES;
    header.write(tag, at, 'latin1');
    header.writeUInt32BE(checksum, at + 4);
    header.writeUInt32BE(offset, at + 8);
    header.writeUInt32BE(length, at + 12);
    const padded = Math.ceil(length / 4) * 4;
    const table = Buffer.concat([font.subarray(from, from + length), Buffer.alloc(padded - length)]);
    if (tag === 'post') table.writeUInt32BE(POST_WITHOUT_NAMES, 0);
    parts.push(table);
    offset += padded;
  }
  return Buffer.concat(parts);
}
