import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWhen } from '@nexora/testing';
import {
  bySheet,
  byOpenssl,
  declaredAttributes,
  publicKeyFile,
  SHEET,
  tools,
  xsdReader,
  type Read,
} from './sat-tools.conformance.ts';
import { SEED, sealedCorpus, type Sample } from './sealed-corpus.conformance.ts';

const COUNT = 2000;
/** Two thousand processes one after the other take their time on a machine that has much else to do. */
const PATIENCE = 300_000;

describeWhen(tools)(`${COUNT} random comprobantes (NEXORA_SEED=${SEED})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'corpus-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: Buffer | string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  let samples: Sample[];
  let read: Read[];
  let cadenas: Buffer[];

  beforeAll(async () => {
    samples = sealedCorpus(COUNT);
    const files = samples.map(({ index, sellado }) => file(`${index}.xml`, sellado.bytes));
    cadenas = await bySheet(SHEET.comprobante, files, folder);
    const reader = await xsdReader();
    read = samples.map(({ sellado }) => reader(sellado.bytes));
  }, PATIENCE);

  it('pass shape and rules, and are sealed: not one is lost', () => {
    expect([samples.length, read.length, cadenas.length]).toEqual([COUNT, COUNT, COUNT]);
  });

  it('say everything that the schemas let a comprobante say, and leave out all that they let it leave out', () => {
    const count = new Map<string, number>();
    for (const name of read.flatMap(({ names }) => names)) count.set(name, (count.get(name) ?? 0) + 1);
    const declared = declaredAttributes();
    expect(declared.length).toBeGreaterThan(130);
    expect(declared.filter(({ name }) => !count.has(name))).toEqual([]);
    const always = declared.filter(
      ({ name, element, isOptional }) => isOptional && count.get(name) === count.get(element),
    );
    // The tax authority's rules ask for these two wherever the schema does not.
    expect(always.map(({ name }) => name).sort()).toEqual(['DoctoRelacionado@EquivalenciaDR', 'Pago@TipoCambioP']);
  });

  it("have the cadena original of the tax authority's stylesheet, byte by byte", () => {
    const wrong = samples.filter(({ index, sellado }) => !cadenas[index]!.equals(Buffer.from(sellado.cadena, 'utf8')));
    expect(wrong.slice(0, 3).map(({ index, sellado }) => [sellado.cadena, cadenas[index]!.toString()])).toEqual([]);
  });

  it("are valid by the tax authority's schemas", () => {
    const wrong = samples.filter(({ index }) => read[index]!.errors.length > 0);
    expect(wrong.slice(0, 3).map(({ index, documento }) => [read[index]!.errors, JSON.stringify(documento)])).toEqual(
      [],
    );
  });

  it(
    'carry a seal that OpenSSL verifies over what the stylesheet gave, with the certificate inside',
    async () => {
      const keys = new Map<string, string>();
      for (const { Certificado: der = '' } of read.map(({ root }) => root)) {
        if (!keys.has(der)) keys.set(der, publicKeyFile(der, join(folder, `key-${keys.size}.pem`)));
      }
      const said = await byOpenssl(
        samples.map(({ index }) => {
          const { Sello: sello = '', Certificado: der = '' } = read[index]!.root;
          return {
            publicKey: keys.get(der)!,
            signature: file(`${index}.sello`, Buffer.from(sello, 'base64')),
            text: file(`${index}.cadena`, cadenas[index]!),
          };
        }),
      );
      expect(keys.size).toBeGreaterThan(3);
      expect(said.length).toBe(COUNT);
      expect(new Set(said)).toEqual(new Set(['Verified OK']));
    },
    PATIENCE,
  );
});
