import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { figuresOf, tableOf, type Evidence } from './figures.ts';

const one = '5e2d6aff-2dd7-43d1-83d3-14c1aca396d9';
const two = '7b1c4c7a-0b7e-4a57-9a39-5f7e6f1f3c55';
let objects: string;

beforeEach(() => {
  objects = mkdtempSync(join(tmpdir(), 'nexora-figures-'));
  mkdirSync(join(objects, 'cfdi'));
  for (const uuid of [one, two]) {
    writeFileSync(join(objects, 'cfdi', `${uuid}.xml`), `<tfd UUID="${uuid}"/>`);
    writeFileSync(join(objects, 'cfdi', `${uuid}.pdf`), '%PDF-1.7 …');
  }
});

afterEach(() => {
  rmSync(objects, { recursive: true });
});

function evidence(changes: Partial<Evidence> = {}): Evidence {
  const row = { estado: 'listo', attempts: 1, message: null };
  const rows = [
    { ...row, externalId: 'a', uuid: one },
    { ...row, externalId: 'b', uuid: two },
  ];
  return { rows, log: [{ uuid: one }, { uuid: null }, { uuid: two }, { uuid: two }], stamps: 2, objects, ...changes };
}

const wrong = (found: Evidence) =>
  figuresOf(found, 2)
    .filter(({ is, shouldBe }) => is !== shouldBe)
    .map(({ what }) => what);

describe('the figures of the demonstration', () => {
  it('are right when every comprobante has its own UUID, stamp, XML and PDF', () => {
    expect(wrong(evidence())).toEqual([]);
    expect(tableOf(figuresOf(evidence(), 2))).not.toContain('✗');
  });

  it('show a second stamp on the PAC’s side', () => {
    const log = [{ uuid: one }, { uuid: two }, { uuid: 'another' }];
    expect(wrong(evidence({ log, stamps: 3 }))).toEqual(['stamps that the PAC remembers', 'UUIDs that the PAC gave']);
  });

  it('show two comprobantes with one UUID', () => {
    const rows = evidence().rows.map((row) => ({ ...row, uuid: one }));
    expect(wrong(evidence({ rows }))).toContain('distinct UUIDs');
  });

  it('show an XML of another comprobante and a PDF that is none', () => {
    writeFileSync(join(objects, 'cfdi', `${one}.xml`), `<tfd UUID="${two}"/>`);
    writeFileSync(join(objects, 'cfdi', `${two}.pdf`), '<html>');
    expect(wrong(evidence())).toEqual(['XMLs in storage, each with its UUID', 'PDFs in storage']);
  });
});
