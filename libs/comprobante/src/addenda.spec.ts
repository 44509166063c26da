import { describe, expect, it } from '@jest/globals';
import { ADDENDA_BYTES, parseAddenda } from './addenda.ts';

function xml(text: string): string {
  const parsed = parseAddenda(text);
  return 'xml' in parsed ? parsed.xml : parsed.falta.message;
}

describe('an addenda', () => {
  it('is written anew from what was read', () => {
    const source = `<?xml version="1.0"?>\n<!-- x --><p:a xmlns:p='urn:p' n='1 &lt; "2"'>T&amp;T<![CDATA[ <b> ]]><c/></p:a>\n`;
    expect(xml(source)).toBe('<p:a xmlns:p="urn:p" n="1 &lt; &quot;2&quot;">T&amp;T &lt;b&gt; <c/></p:a>');
  });

  it.each([
    ['text', 'hola'],
    ['nothing', ''],
    ['two roots', '<a/><b/>'],
    ['a tag that does not close', '<a>'],
    ['a prefix that nobody declared', '<x:a/>'],
    ['an entity of its own', '<a>&nada;</a>'],
    ['a DOCTYPE', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['an empty DOCTYPE', '<!DOCTYPE a><a/>'],
    ['an attribute twice', '<a b="1" b="2"/>'],
    ['the same attribute by two prefixes', '<a xmlns:p="urn:1" xmlns:q="urn:1" p:b="1" q:b="2"/>'],
    ['a control character', '<a>\u0001</a>'],
    ['XML 1.1', '<?xml version="1.1"?><a/>'],
    ['an end that comes too early', '<a></a></a>'],
    ['a bare ampersand', '<a b="A & B"/>'],
    ['elements within elements beyond all measure', '<a>'.repeat(5_000) + '</a>'.repeat(5_000)],
  ])('is refused with %s', (_what, text) => {
    expect(parseAddenda(text)).toMatchObject({ falta: { path: 'addenda', code: 'cfdi.addenda' } });
  });

  it.each([
    ['<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/4"/>'],
    ['<a><tfd:TimbreFiscalDigital xmlns:tfd="http://www.sat.gob.mx/TimbreFiscalDigital"/></a>'],
    ['<a xmlns:x="http://www.sat.gob.mx/cfd/4" x:Version="4.0"/>'],
    ['<a xmlns:x="http://www.sat.gob.mx/cfd/4"/>'],
    ['<a><b xmlns="HTTP://WWW.SAT.GOB.MX/cfd/4"/></a>'],
  ])("may not use the tax authority's namespaces: %s", (text) => {
    expect(xml(text)).toMatch(/espacio de nombres del SAT/);
  });

  it('may weigh 64 kB and not a byte more', () => {
    const fill = (bytes: number): string => `<a>${'x'.repeat(bytes - 7)}</a>`;
    expect(xml(fill(ADDENDA_BYTES))).toHaveLength(ADDENDA_BYTES);
    expect(xml(fill(ADDENDA_BYTES + 1))).toMatch(/64 kB/);
  });
});
