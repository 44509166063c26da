import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { attributeOf, readXml, XmlFault, type XmlElement } from './xml.ts';
import { writeXml } from './xml-write.ts';

function value(source: Uint8Array | string): string | undefined {
  return attributeOf(readXml(source).root, 'v');
}

describe('readXml', () => {
  it('reads UTF-8 with and without a byte order mark', () => {
    const bytes = Buffer.from('<?xml version="1.0" encoding="utf-8"?><a v="Ñandú 😀"/>');
    expect(value(bytes)).toBe('Ñandú 😀');
    expect(value(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]))).toBe('Ñandú 😀');
    expect(value(Buffer.from('<a v="ñ"/>'))).toBe('ñ');
  });

  it('reads ISO-8859-1 as such and not as Windows-1252', () => {
    const bytes = Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a v="\u00d1\u0093"/>', 'latin1');
    expect(value(bytes)).toBe('\u00d1\u0093');
  });

  it.each(['iso-8859-1', 'latin1', 'ISO8859-1', 'ISO_8859-1'])('goes by a declared %s, even behind a mark', (name) => {
    const bytes = Buffer.from(`<?xml version="1.0" encoding="${name}"?><a v="\u00d1"/>`, 'latin1');
    expect(value(bytes)).toBe('\u00d1');
    expect(value(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]))).toBe('\u00d1');
  });

  it('tells UTF-16 by its first bytes, whatever is declared', () => {
    const text = '<?xml version="1.0" encoding="UTF-8"?><a/>';
    for (const bytes of [Buffer.from(`\ufeff${text}`, 'utf16le'), Buffer.from(text, 'utf16le')]) {
      expect(() => readXml(bytes)).toThrow(/UTF-16/);
      expect(() => readXml(bytes.swap16())).toThrow(/UTF-16/);
    }
  });

  it.each([
    ['bytes that are no UTF-8', Buffer.from([0x3c, 0x61, 0x20, 0x76, 0x3d, 0x22, 0xf1, 0x22, 0x2f, 0x3e])],
    ['an encoding that it does not know', Buffer.from('<?xml version="1.0" encoding="UTF-16"?><a/>')],
    ['a DOCTYPE', Buffer.from('<!DOCTYPE a><a/>')],
    ['half a document', Buffer.from('<a><b/>')],
    ['nothing', Buffer.from('')],
    ['HTML', Buffer.from('<html><body><p>503<br></body></html>')],
  ])('refuses %s', (_what, bytes) => {
    expect(() => readXml(bytes)).toThrow(XmlFault);
  });

  it('keeps U+0085, U+2028 and the no-break space as they are', () => {
    expect(value('<a v="x\u0085\u2028\u00a0y"/>')).toBe('x\u0085\u2028\u00a0y');
  });

  it('knows where the end tag of the root begins, whatever follows it', () => {
    const { text, endOfRoot } = readXml('<a><b></b>x</a ><!-- </a> -->\n');
    expect(text.slice(endOfRoot)).toBe('</a ><!-- </a> -->\n');
    expect(readXml('<a/>').endOfRoot).toBe(-1);
  });

  it('tells the namespace of a name, not its prefix', () => {
    const { root } = readXml('<x:a xmlns:x="urn:1" xmlns="urn:2" b="1" x:c="2"><d/></x:a>');
    expect(root).toMatchObject({ uri: 'urn:1', local: 'a', children: [{ uri: 'urn:2', local: 'd' }] });
    expect(root.attributes.filter(({ local }) => ['b', 'c'].includes(local))).toMatchObject([
      { uri: '', value: '1' },
      { uri: 'urn:1', value: '2' },
    ]);
  });
});

describe('writeXml', () => {
  const legal = fc.string({ unit: 'binary' }).map((text) => text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD]/g, ''));

  it('gives back every legal character when read again', () => {
    fc.assert(
      fc.property(legal, legal, (attribute, content) => {
        const element: XmlElement = {
          prefix: '',
          local: 'a',
          uri: '',
          attributes: [{ prefix: '', local: 'v', uri: '', value: attribute }],
          children: [content],
        };
        const { root } = readXml(writeXml(element));
        expect(attributeOf(root, 'v')).toBe(attribute);
        expect(root.children.join('')).toBe(content);
      }),
    );
  });
});
