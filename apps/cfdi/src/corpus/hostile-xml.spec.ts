import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWhen, satResources } from '@nexora/testing';
import fc from 'fast-check';
import type { Sellado } from '../comprobante/sellado.ts';
import { cli, type Said } from './cli.conformance.ts';
import { SEED, sealedCorpus } from './sealed-corpus.conformance.ts';

const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Both commands that read XML, on these bytes. */
async function read(bytes: Buffer | string): Promise<{ cadena: Said; verify: Said }> {
  const path = join(folder, 'x.xml');
  writeFileSync(path, bytes);
  return { cadena: await cli('cadena', path), verify: await cli('verify', path) };
}

/** One line that a person can read: no trace, nothing of the document but a name. */
const SENTENCE = /^(El|La|No|Sus|Un|Falta)[^\n]{5,300}\.\n$/;

const NS = 'xmlns:cfdi="http://www.sat.gob.mx/cfd/4"';
const around = (inside: string, attributes = ''): string =>
  `<cfdi:Comprobante ${NS} Version="4.0"${attributes}>${inside}</cfdi:Comprobante>`;
const repeated = (text: string, times: number): string => text.repeat(times);
const utf16 = (text: string, isBig: boolean): Buffer => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return isBig ? bytes.swap16() : bytes;
};
const LAUGHS = `<!DOCTYPE l [<!ENTITY a "ja">${Array.from({ length: 9 }, (_, level) => {
  const [name, below] = ['bcdefghij'[level], 'abcdefghi'[level]];
  return `<!ENTITY ${name} "${`&${below};`.repeat(10)}">`;
}).join('')}]>`;

describe('what is no XML', () => {
  it.each<[string, Buffer | string]>([
    ['an empty file', ''],
    ['a byte order mark alone', '\ufeff'],
    ['white space alone', ' \n\t\r\n'],
    ['a comment alone', '<!-- nada -->'],
    ['a declaration alone', '<?xml version="1.0" encoding="UTF-8"?>'],
    ['JSON', '{"externalId":"venta-1"}'],
    ['a PDF', Buffer.from('%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n1 0 obj', 'latin1')],
    ['NUL bytes', Buffer.alloc(1000)],
    ['text before the root', `x${around('')}`],
    ['text behind the root', `${around('')}x`],
    ['two roots', around('') + around('')],
    ['a declaration behind white space', ` <?xml version="1.0"?>${around('')}`],
    ['a declaration inside', around('<?xml version="1.0"?>')],
    ['tags that do not match', `<cfdi:Comprobante ${NS}><cfdi:Emisor></cfdi:Receptor></cfdi:Comprobante>`],
    ['a comment without end', around('<!-- ')],
    ['two hyphens in a comment', around('<!-- a -- b -->')],
    ['CDATA without end', around('<![CDATA[')],
    ['the end of CDATA in text', around(']]>')],
    ['a less-than sign in an attribute', around('', ' Serie="<"')],
    ['an attribute without quotes', around('', ' Serie=A')],
    ['an attribute without value', around('', ' Serie')],
    ['no space between attributes', around('', ' Serie="A"Folio="1"')],
    ['an attribute twice', around('', ' Serie="A" Serie="B"')],
    ['an attribute twice under two prefixes', around('', ' xmlns:a="urn:a" xmlns:b="urn:a" a:x="1" b:x="2"')],
    ['a prefix that nobody bound, of an element', '<cfdi:Comprobante Version="4.0"/>'],
    ['a prefix that nobody bound, of a child', around('<tfd:TimbreFiscalDigital/>')],
    ['a prefix that nobody bound, of an attribute', around('', ' xsi:schemaLocation="a b"')],
    ['a prefix bound to nothing', `<x:Comprobante ${NS} xmlns:x=""/>`],
    ['the prefix xmlns bound', around('', ' xmlns:xmlns="urn:x"')],
    ['a name with two colons', around('<cfdi:a:b/>')],
    ['an entity that nobody declared', around('', ' Serie="&nada;"')],
    ['an ampersand alone', around('', ' Serie="A & B"')],
    ['a reference to NUL', around('', ' Serie="&#0;"')],
    ['a reference to a control character', around('', ' Serie="&#7;"')],
    ['a reference to half a character', around('', ' Serie="&#xD800;"')],
    ['a reference to no character', around('', ' Serie="&#xFFFE;"')],
    ['a reference beyond Unicode', around('', ' Serie="&#x110000;"')],
    ['a reference of a million digits', around('', ` Serie="&#${repeated('9', 1_000_000)};"`)],
    ['a control character', around('', ' Serie="\u0007"')],
    ['half a character', Buffer.from(around('', ' Serie="\u00d1"'), 'latin1')],
    [
      'UTF-8 longer than it need be',
      Buffer.concat([Buffer.from('<a>'), Buffer.from([0xc0, 0xbc]), Buffer.from('</a>')]),
    ],
    [
      'half a surrogate in UTF-8',
      Buffer.concat([Buffer.from('<a>'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('</a>')]),
    ],
  ])('ends with 1 and one sentence: %s', async (_what, bytes) => {
    for (const { code, out, err } of Object.values(await read(bytes))) {
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toMatch(SENTENCE);
    }
  });
});

describe('XML that is not read', () => {
  it.each<[string, Buffer | string, RegExp]>([
    ['a DOCTYPE', `<!DOCTYPE a>${around('')}`, /DOCTYPE/],
    ['entities in entities', `${LAUGHS}${around('', ' Serie="&j;"')}`, /DOCTYPE/],
    ['an entity out of a file', `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>${around('&x;')}`, /DOCTYPE/],
    ['a DTD from the network', `<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd">${around('')}`, /DOCTYPE/],
    ['a DOCTYPE without end', `<!DOCTYPE a [${repeated('<!ENTITY x "y">', 1000)}`, /XML/],
    ['UTF-16, little end first', utf16(around(''), false), /UTF-16/],
    ['UTF-16, big end first', utf16(around(''), true), /UTF-16/],
    ['UTF-16 with its declaration', utf16(`<?xml version="1.0" encoding="UTF-16"?>${around('')}`, false), /UTF-16/],
    ['UTF-16 declared and not true', `<?xml version="1.0" encoding="UTF-16"?>${around('')}`, /UTF-16/],
    ['Windows-1252', `<?xml version="1.0" encoding="Windows-1252"?>${around('')}`, /WINDOWS-1252/],
    ['UTF-7', `<?xml version="1.0" encoding="UTF-7"?>${around('')}`, /UTF-7/],
    ['an encoding of no name', `<?xml version="1.0" encoding="__proto__"?>${around('')}`, /XML/],
    [
      'UTF-8 declared and not true',
      Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${around('', ' Serie="Ñ"')}`, 'latin1'),
      /UTF-8/,
    ],
    ['XML 1.1', `<?xml version="1.1"?>${around('')}`, /1\.1/],
    ['elements in elements, 100,000 deep', repeated('<a>', 100_000), /anida/],
    ['lines in lines, 100,000 deep', around(repeated('<cfdi:Conceptos>', 100_000)), /anida/],
  ])('ends with 1 and says why: %s', async (_what, bytes, why) => {
    for (const { code, out, err } of Object.values(await read(bytes))) {
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toMatch(SENTENCE);
      expect(err).toMatch(why);
    }
  });

  it.each<[string, string]>([
    ['another root', '<a/>'],
    ['CFDI 3.3', '<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/3" Version="3.3"/>'],
    ['the right name in no namespace', '<Comprobante Version="4.0"/>'],
    ['a stamp of another version of the name', '<TimbreFiscalDigital/>'],
  ])('ends with 1 and one sentence: %s', async (_what, xml) => {
    for (const { code, out, err } of Object.values(await read(xml))) {
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toMatch(SENTENCE);
    }
  });

  it.each<[string, string]>([
    ['payroll', '<n:Nomina xmlns:n="http://www.sat.gob.mx/nomina12" Version="1.2"/>'],
    ['a bill of lading', '<c:CartaPorte xmlns:c="http://www.sat.gob.mx/CartaPorte31" Version="3.1"/>'],
    ['what nobody knows', '<x xmlns="urn:nada"/>'],
    ['payments of the old version', '<p:Pagos xmlns:p="http://www.sat.gob.mx/Pagos" Version="1.0"/>'],
    [
      'a stamp with text in it',
      '<t:TimbreFiscalDigital xmlns:t="http://www.sat.gob.mx/TimbreFiscalDigital">x</t:TimbreFiscalDigital>',
    ],
  ])('ends with 3 for a complemento that it does not know: %s', async (_what, inside) => {
    const { code, out, err } = (await read(around(`<cfdi:Complemento>${inside}</cfdi:Complemento>`))).cadena;
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toMatch(SENTENCE);
  });

  it('ends with 2 for what is no file', async () => {
    for (const path of [folder, join(folder, 'no-such-file'), '']) {
      for (const command of ['cadena', 'verify']) {
        expect(await cli(command, path)).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/^[A-ZÁÉÍÓÚ]/) });
      }
    }
  });
});

describe('XML of no common size', () => {
  const MB = 2 ** 20;
  it.each<[string, string, string]>([
    ['an attribute of 20 MB', around('', ` Serie="${repeated('Ñ', 10 * MB)}"`), repeated('Ñ', 10 * MB)],
    ['4 MB of white space in an attribute', around('', ` Serie="A${repeated(' \t\n ', MB)}B"`), '|A B|'],
    ['2 MB of references', around('', ` Serie="${repeated('&#65;', 400_000)}"`), repeated('A', 400_000)],
    ['a comment of 2 MB', around(`<!--${repeated('- ', MB)}-->`, ' Serie="A"'), '|A|'],
    ['20 MB of text between elements', around(repeated('texto ', 3.4 * MB), ' Serie="A"'), '|A|'],
    ['200,000 empty elements', around(repeated('<a/>', 200_000), ' Serie="A"'), '|A|'],
    [
      '100,000 lines',
      around(`<cfdi:Conceptos>${repeated('<cfdi:Concepto Descripcion="x"/>', 100_000)}</cfdi:Conceptos>`),
      '|x|',
    ],
    ['100,000 attributes', around('', Array.from({ length: 100_000 }, (_, at) => ` a${at}=""`).join('')), '||4.0|'],
    [
      '20,000 namespaces',
      around('', Array.from({ length: 20_000 }, (_, at) => ` xmlns:n${at}="urn:${at}"`).join('')),
      '||4.0|',
    ],
    ['names that every object has', around('', ' __proto__="x" constructor="y" toString="z" Serie="A"'), '|A|'],
  ])('is read whole: %s', async (_what, xml, says) => {
    const { cadena, verify } = await read(xml);
    expect({ code: cadena.code, err: cadena.err }).toEqual({ code: 0, err: '' });
    expect(cadena.out.includes(says)).toBe(true);
    expect(verify).toMatchObject({ code: 1, out: '', err: expect.stringMatching(SENTENCE) });
  });
});

describeWhen(satResources)(`a sealed comprobante that came to harm (NEXORA_SEED=${SEED})`, () => {
  let sealed: Sellado[];
  beforeAll(() => {
    sealed = sealedCorpus(8).map(({ sellado }) => sellado);
  });

  it('is good as it was sealed', async () => {
    for (const { bytes, cadena } of sealed) {
      expect(await read(bytes)).toMatchObject({ cadena: { code: 0, out: cadena }, verify: { code: 0, err: '' } });
    }
  });

  it('ends with 1 wherever it is cut off', async () => {
    const cuts = fc.tuple(fc.constantFrom(...sealed), fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }));
    await fc.assert(
      fc.asyncProperty(cuts, async ([{ bytes }, at]) => {
        for (const { code, out, err } of Object.values(await read(bytes.subarray(0, Math.floor(at * bytes.length))))) {
          expect({ code, out }).toEqual({ code: 1, out: '' });
          expect(err).toMatch(SENTENCE);
        }
      }),
      { numRuns: 150, seed: SEED },
    );
  });

  it('never passes for sealed when a byte changed what is said, and never breaks the tool', async () => {
    const harm = fc.record({
      which: fc.constantFrom(...sealed),
      at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      how: fc.constantFrom('flip', 'lose', 'double', 'swap', 'zero'),
      bit: fc.integer({ min: 0, max: 7 }),
    });
    await fc.assert(
      fc.asyncProperty(harm, async ({ which, at, how, bit }) => {
        const { cadena, verify } = await read(harmed(which.bytes, Math.floor(at * which.bytes.length), how, bit));
        for (const { code, err } of [cadena, verify]) {
          expect([0, 1, 3]).toContain(code);
          if (code !== 0) expect(err).toMatch(SENTENCE);
        }
        if (verify.code === 0) expect(cadena.out).toBe(which.cadena);
      }),
      { numRuns: 1500, seed: SEED },
    );
  });

  it.each([
    ['no certificate', /Certificado="[^"]*"/, 'Certificado=""'],
    ['a certificate that is no base64', /Certificado="[^"]*"/, 'Certificado="¡no!"'],
    ['a certificate that is none', /Certificado="[^"]*"/, `Certificado="${Buffer.from('nada').toString('base64')}"`],
    ['a certificate cut off', /( Certificado="[^"]{400})[^"]*"/, '$1"'],
    ['another certificate number', /NoCertificado="[^"]*"/, 'NoCertificado="00000000000000000000"'],
    ['no seal', /Sello="[^"]*"/, ''],
    ['an empty seal', /Sello="[^"]*"/, 'Sello=""'],
    ['a seal that is no base64', /Sello="[^"]*"/, 'Sello="ñ"'],
    ['a seal cut off', /Sello="([^"]{100})[^"]*"/, 'Sello="$1"'],
    ['another issuer', /<cfdi:Emisor Rfc="[^"]*"/, '<cfdi:Emisor Rfc="AAA010101AAA"'],
    ['another date', /Fecha="20\d\d/, 'Fecha="2019'],
  ])('ends with 1 when verify finds %s', async (_what, from, to) => {
    for (const { bytes } of sealed.slice(0, 3)) {
      const xml = bytes.toString('utf8');
      const spoilt = xml.replace(from, to);
      expect(spoilt).not.toBe(xml);
      const { code, out, err } = (await read(spoilt)).verify;
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toMatch(SENTENCE);
    }
  });
});

function harmed(bytes: Buffer, at: number, how: string, bit: number): Buffer {
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at + 1)];
  const here = bytes.subarray(at, at + 1);
  if (how === 'lose') return Buffer.concat([before, after]);
  if (how === 'double') return Buffer.concat([before, here, here, after]);
  if (how === 'swap') return Buffer.concat([before, bytes.subarray(at + 1, at + 2), here, bytes.subarray(at + 2)]);
  return Buffer.concat([before, Buffer.from([how === 'zero' ? 0 : bytes[at]! ^ (1 << bit)]), after]);
}
