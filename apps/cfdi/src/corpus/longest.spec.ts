import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { describeWhen } from '@nexora/testing';
import { LONGEST } from './arbitrary-documents.conformance.ts';
import { bySheet, SHEET, tools, xsdReader } from './sat-tools.conformance.ts';
import { SEED, sealedCorpus } from './sealed-corpus.conformance.ts';

describeWhen(tools)(`the longest comprobantes that are admitted (NEXORA_SEED=${SEED})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'longest-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(Object.entries(LONGEST))('are valid, and their cadena is that of the stylesheet: %s', async (name, sort) => {
    const [sample] = sealedCorpus(1, { sort });
    const { bytes, cadena } = sample!.sellado;
    const path = join(folder, `${name}.xml`);
    writeFileSync(path, bytes);
    const [theirs] = await bySheet(SHEET.comprobante, [path], folder);
    expect(theirs!.equals(Buffer.from(cadena, 'utf8'))).toBe(true);
    const reader = await xsdReader();
    expect(reader(bytes).errors.slice(0, 3)).toEqual([]);
  });
});
