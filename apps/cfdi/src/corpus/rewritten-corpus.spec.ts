import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readXml, type XmlElement } from '@nexora/comprobante';
import { describeWhen } from '@nexora/testing';
import fc from 'fast-check';
import { cadenaDelTimbre, cadenaOriginal } from '../comprobante/cadena-original.ts';
import { CFDI, TFD } from '../comprobante/espacios.ts';
import { texto } from './arbitrary-texts.conformance.ts';
import { Dice, rewritten, spoilt } from './rewriting.conformance.ts';
import { bySheet, SHEET, tools } from './sat-tools.conformance.ts';
import { SEED, sealedCorpus, type Sample } from './sealed-corpus.conformance.ts';

const COUNT = 600;

describeWhen(tools)(`the same comprobantes as others write them (NEXORA_SEED=${SEED})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'rewritten-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  let samples: Sample[];

  beforeAll(() => {
    samples = sealedCorpus(COUNT);
  });

  /** What differs between our reading and the stylesheet's, and how many documents were read. */
  async function compared(
    sheet: string,
    documents: readonly Buffer[],
    ours: (root: XmlElement) => string,
  ): Promise<{ cadenas: string[]; differences: unknown[] }> {
    const files = documents.map((bytes, index) => {
      writeFileSync(join(folder, `${index}.xml`), bytes);
      return join(folder, `${index}.xml`);
    });
    const theirs = await bySheet(sheet, files, folder);
    const cadenas = documents.map((bytes) => ours(readXml(bytes).root));
    const differences = cadenas.flatMap((cadena, index) => {
      const same = theirs[index]!.equals(Buffer.from(cadena, 'utf8'));
      return same ? [] : [{ cadena, sheet: theirs[index]!.toString(), xml: documents[index]!.toString('latin1') }];
    });
    return { cadenas, differences: differences.slice(0, 3) };
  }

  it('have the cadena original that was sealed, and the stylesheet gives it too', async () => {
    const documents = samples.map(({ index, sellado }) =>
      rewritten(withStamp(readXml(sellado.bytes).root, index), new Dice(SEED + index)),
    );
    expect(new Set(documents.map((bytes) => createHash('sha256').update(bytes).digest('hex'))).size).toBe(COUNT);
    expect((await compared(SHEET.comprobante, documents, cadenaOriginal)).differences).toEqual([]);
    const changed = documents.filter(
      (bytes, at) => cadenaOriginal(readXml(bytes).root) !== samples[at]!.sellado.cadena,
    );
    expect(changed.map((bytes) => bytes.toString('latin1')).slice(0, 3)).toEqual([]);
  });

  it('have the cadena original of the stylesheet even when no schema takes them', async () => {
    const documents = samples.map(({ index, sellado }) => {
      const dice = new Dice(SEED - index);
      return rewritten(spoilt(readXml(sellado.bytes).root, dice), dice);
    });
    expect((await compared(SHEET.comprobante, documents, cadenaOriginal)).differences).toEqual([]);
  });

  it('have stamps whose cadena original is that of the stylesheet of stamps', async () => {
    const documents = samples.map(({ index }) => {
      const dice = new Dice(SEED ^ index);
      return rewritten(index % 2 === 0 ? timbre(index) : spoilt(timbre(index), dice), dice);
    });
    expect((await compared(SHEET.timbre, documents, cadenaDelTimbre)).differences).toEqual([]);
  });
});

const texts = fc.sample(texto(150), { numRuns: 100, seed: SEED });

function timbre(index: number): XmlElement {
  const values = {
    ...{ Version: '1.1', UUID: 'ad662d33-6934-459c-a128-bdf0393e0f44', FechaTimbrado: '2026-11-21T09:31:00' },
    ...{ RfcProvCertif: 'SPR190613I52', NoCertificadoSAT: '30001000000500003456' },
    ...(index % 3 === 0 ? {} : { Leyenda: texts[index % texts.length]! }),
    ...{ SelloCFD: createHash('sha512').update(`${index}`).digest('base64'), SelloSAT: 'ab+/==' },
  };
  const attributes = Object.entries(values).map(([local, value]) => ({ prefix: '', local, uri: '', value }));
  return { prefix: 'tfd', local: 'TimbreFiscalDigital', uri: TFD, attributes, children: [] };
}

/** Half of them stamped: the stamp adds nothing to the cadena original. */
function withStamp(root: XmlElement, index: number): XmlElement {
  if (index % 2 === 0) return root;
  const isHolder = (child: XmlElement['children'][number]): child is XmlElement =>
    typeof child !== 'string' && child.uri === CFDI && child.local === 'Complemento';
  const holder = root.children.find(isHolder);
  if (holder === undefined) {
    const complemento = { prefix: 'cfdi', local: 'Complemento', uri: CFDI, attributes: [], children: [timbre(index)] };
    return { ...root, children: [...root.children, complemento] };
  }
  const stamped = { ...holder, children: [...holder.children, timbre(index)] };
  return { ...root, children: root.children.map((child) => (child === holder ? stamped : child)) };
}
