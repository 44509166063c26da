import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { formaDelDocumento, type Documento } from './documento.ts';
import { judge, put } from './reglas.conformance.ts';

const page = readFileSync(new URL('../../../docs/cfdi/document.md', import.meta.url), 'utf8');
const TYPES = ['I', 'E', 'T', 'P'] as const;
type Tipo = (typeof TYPES)[number];
type Json = Record<string, unknown>;

const rows = [...page.matchAll(/^\| `([^`]+)`\s*\|\s*(\S)\s*\|\s*(\S)\s*\|\s*(\S)\s*\|\s*(\S)\s*\|/gm)].map(
  ([, field = '', ...marks]) => ({ field, marks: Object.fromEntries(TYPES.map((tipo, at) => [tipo, marks[at]])) }),
);
const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = '']) => JSON.parse(text) as Json);
const exampleOf = (tipo: Tipo): Json => examples.find((one) => one['tipo'] === tipo) ?? {};

/** The path of every text in the schema, as the table writes them. */
function fieldsOf(shape: Json, path = ''): string[] {
  if (shape['type'] === 'array') return fieldsOf(shape['items'] as Json, `${path}[]`);
  if (shape['type'] !== 'object') return [path];
  const properties = Object.entries(shape['properties'] as Record<string, Json>);
  return properties.flatMap(([name, one]) => fieldsOf(one, path === '' ? name : `${path}.${name}`));
}
/** The first of each list: `conceptos[].cantidad` is `conceptos[0].cantidad`. */
const first = (field: string): string => field.replaceAll('[]', '[0]');
const keysOf = (path: string): string[] => path.split(/[.[\]]+/).filter((key) => key !== '');
function valueAt(json: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((at, key) => (at as Json | undefined)?.[key], json);
}
/** Whether a document with that change is refused, by shape or by a rule. */
function isRefused(changes: Json, base: Json): boolean {
  try {
    return judge(put(changes, base as unknown as Documento)).length > 0;
  } catch {
    return true;
  }
}

describe('docs/cfdi/document.md', () => {
  it('names every field, in the order of the schema', () => {
    expect(rows.map(({ field }) => field)).toEqual(fieldsOf(formaDelDocumento()));
  });

  it('shows each type and the global invoice', () => {
    expect(examples.map(({ tipo }) => tipo).sort()).toEqual(['E', 'I', 'I', 'P', 'P', 'T']);
  });

  it.each(examples.map((one) => [String(one['externalId']), one]))('shows %s as the rules take it', (_id, example) => {
    expect(judge(put({}, example as unknown as Documento))).toEqual([]);
  });

  it.each(TYPES)('marks what a tipo %s cannot do without, and what it must not have', (tipo) => {
    const example = exampleOf(tipo);
    for (const { field, marks } of rows) {
      const path = first(field);
      const keys = keysOf(path);
      const [top = ''] = keys;
      const isThere = valueAt(example, keys) !== undefined;
      if (marks[tipo] === '●' && isThere)
        expect([field, isRefused({ [path]: undefined }, example)]).toEqual([field, true]);
      if (marks[tipo] !== '–') continue;
      expect([field, isThere]).toEqual([field, false]);
      // Put in as another example has it, its whole group.
      const other = examples.find((one) => valueAt(one, keys) !== undefined);
      const group = tipo === 'T' && top === 'conceptos' ? 'conceptos[0].impuestos' : top;
      if (other === undefined || /descuento$/.test(field)) continue;
      const change = { [group]: valueAt(other, keysOf(group)) };
      expect([field, isRefused(change, example)]).toEqual([field, true]);
    }
  });
});
