import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from '@jest/globals';
import { describeWhen, satResources } from '@nexora/testing';
import { SORTS } from './arbitrary-documents.conformance.ts';
import { has } from './sat-tools.conformance.ts';
import { SEED, sealedCorpus, type Sample } from './sealed-corpus.conformance.ts';

const INVOICES = 1000;
const PAYMENTS = 400;
const TRANSFERS = 50;

const python = {
  met: satResources.met && has('python3', '-c', 'import decimal, json, xml.etree.ElementTree'),
  otherwise: satResources.met ? 'python3 is not installed' : satResources.otherwise,
};

interface Recomputed {
  readonly documents: number;
  readonly figures: number;
  readonly differences: readonly (readonly [line: number, what: string, expected: string, found: string])[];
}

/** What an independent script with decimal arithmetic makes of the same documents. */
function recomputed(
  samples: readonly Pick<Sample, 'documento' | 'sellado'>[],
  change = (xml: string) => xml,
): Recomputed {
  const input = samples.map(({ documento, sellado }) =>
    JSON.stringify({ documento, xml: change(sellado.bytes.toString('utf8')) }),
  );
  const script = fileURLToPath(new URL('recompute.py', import.meta.url));
  const { status, stdout, stderr } = spawnSync('python3', [script], {
    input: input.join('\n'),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`recompute.py ended with ${status}: ${stderr.slice(-2000)}`);
  return JSON.parse(stdout) as Recomputed;
}

describeWhen(python)(`figures recomputed by another program (NEXORA_SEED=${SEED})`, () => {
  const { ingreso, egreso, global, traslado, cobros } = SORTS;
  let invoices: Sample[];

  beforeAll(() => {
    invoices = sealedCorpus(INVOICES, { ingreso, egreso, global });
  });

  it(`agree to the last decimal in ${INVOICES} invoices, credit notes and global invoices`, () => {
    const { documents, figures, differences } = recomputed(invoices);
    expect(differences.slice(0, 5)).toEqual([]);
    expect(documents).toBe(INVOICES);
    expect(figures).toBeGreaterThan(20 * INVOICES);
  });

  it(`agree to the last decimal in ${PAYMENTS} receipts of payments`, () => {
    const { documents, figures, differences } = recomputed(sealedCorpus(PAYMENTS, { cobros }));
    expect(differences.slice(0, 5)).toEqual([]);
    expect(documents).toBe(PAYMENTS);
    expect(figures).toBeGreaterThan(20 * PAYMENTS);
  });

  it('are zero where nothing is charged', () => {
    expect(recomputed(sealedCorpus(TRANSFERS, { traslado }))).toMatchObject({ documents: TRANSFERS, differences: [] });
  });

  it('disagree by one cent when one cent is changed, so that the comparison is one', () => {
    const cent = (xml: string): string =>
      xml.replace(
        / Total="(\d+)\.(\d)(\d)"/,
        (_all, pesos, tens, units) => ` Total="${pesos}.${tens}${(Number(units) + 1) % 10}"`,
      );
    const inPesos = invoices.filter(({ documento }) => documento.moneda === 'MXN').slice(0, 20);
    const wrong = recomputed(inPesos, cent).differences;
    expect(new Set(wrong.map(([line]) => line)).size).toBe(20);
    expect(new Set(wrong.map(([, what]) => what))).toEqual(new Set(['Total', 'Total of the parts']));
  });
});
