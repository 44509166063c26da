import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWhen, satResource, satResources } from '@nexora/testing';
import { cadenaOfTimbre, cadenaOriginal } from './cadena.ts';
import { parse } from './document.ts';
import { randomComprobantes } from './random-comprobante.ts';
import { Refusal } from './refusal.ts';

const cfdi = 'xmlns:cfdi="http://www.sat.gob.mx/cfd/4"';
const cadenaOf = (xml: string | Buffer): string => cadenaOriginal(parse(Buffer.from(xml)).root);

const hasXsltproc = spawnSync('xsltproc', ['--version']).status === 0;
const stylesheets = {
  met: satResources.met && hasXsltproc,
  otherwise: hasXsltproc ? satResources.otherwise : 'xsltproc is not installed',
};

describeWhen(stylesheets)("the sandbox's cadena original against the SAT's stylesheets", () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'sandbox-pac-cadena-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  /** One process for many documents: it prints one cadena after the other. */
  function bySat(stylesheet: string, documents: readonly (string | Buffer)[]): string {
    const files = documents.map((document, index) => {
      const path = join(dir, `${index}.xml`);
      writeFileSync(path, document);
      return path;
    });
    const style = satResource(`www.sat.gob.mx/sitio_internet/cfd/${stylesheet}`);
    return execFileSync('xsltproc', [style, ...files], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 1e9,
    });
  }
  const comprobantes = '4/cadenaoriginal_4_0/cadenaoriginal_4_0.xslt';

  it('gives the same bytes for documents with every field, present, absent or empty, at random', () => {
    for (const seed of [1, 2, 3]) {
      const documents = randomComprobantes(seed, 60);
      expect(bySat(comprobantes, documents)).toBe(documents.map(cadenaOf).join(''));
    }
  });

  it('goes by namespace and not by prefix', () => {
    const [document = ''] = randomComprobantes(7, 1);
    const renamed = document.replaceAll('cfdi:', 'otro:').replaceAll(':cfdi=', ':otro=');
    const defaulted = document.replaceAll('cfdi:', '').replaceAll('xmlns:cfdi=', 'xmlns=');
    expect(bySat(comprobantes, [renamed, defaulted])).toBe(cadenaOf(document).repeat(2));
  });

  it('reads a document declared as ISO-8859-1, and one with a byte order mark', () => {
    const xml = `<?xml version="1.0" encoding="ISO-8859-1"?><cfdi:Comprobante ${cfdi} Version="4.0" Serie="Ñandú ¥"/>`;
    const latin1 = Buffer.from(xml, 'latin1');
    const marked = Buffer.from(`\uFEFF${xml.replace('ISO-8859-1', 'UTF-8')}`, 'utf8');
    expect(bySat(comprobantes, [latin1, marked])).toBe(cadenaOf(latin1) + cadenaOf(marked));
    expect(cadenaOf(latin1)).toContain('|Ñandú ¥|');
  });

  it('gives the same cadena of a timbre', () => {
    const timbre =
      '<tfd:TimbreFiscalDigital xmlns:tfd="http://www.sat.gob.mx/TimbreFiscalDigital" Version="1.1" UUID="u" ' +
      'FechaTimbrado="f" RfcProvCertif="r" Leyenda=" dos  palabras " SelloCFD="s" NoCertificadoSAT="n" SelloSAT="x"/>';
    const own = cadenaOfTimbre(parse(Buffer.from(timbre)).root);
    expect(bySat('TimbreFiscalDigital/cadenaoriginal_TFD_1_1.xslt', [timbre])).toBe(own);
  });
});

describe("the sandbox's cadena original", () => {
  it('trims and collapses tab, line feed, return and space, and no other white space', () => {
    const xml = `<cfdi:Comprobante ${cfdi} Version="4.0" Serie="&#9; a&#10;&#13; &#xA0;b\u2028&#x85; " />`;
    expect(cadenaOf(xml)).toMatch(/^\|\|4\.0\|a \u00A0b\u2028\u0085\|/u);
  });

  it('prints characters and not entities', () => {
    expect(cadenaOf(`<cfdi:Comprobante ${cfdi} Version="4.0" Serie="A &amp; B &lt;&quot;&#xF1;"/>`)).toContain(
      '|A & B <"ñ|',
    );
  });

  it('refuses a complement that it does not know instead of leaving it out', () => {
    const nomina = '<n:Nomina xmlns:n="http://www.sat.gob.mx/nomina12"/>';
    const xml = `<cfdi:Comprobante ${cfdi}><cfdi:Complemento>${nomina}</cfdi:Complemento></cfdi:Comprobante>`;
    expect(() => cadenaOf(xml)).toThrow(Refusal);
  });
});
