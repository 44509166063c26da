import { describe, expect, it } from '@jest/globals';
import { formaDelDocumento, parseDocumento } from './documento.ts';
import { ejemploDeIngreso } from './ejemplo.ts';
import { isMalformed, type Falta } from './falta.ts';

function faltas(json: unknown): readonly Falta[] {
  const parsed = parseDocumento(json);
  return 'faltas' in parsed ? parsed.faltas : [];
}
/** The example with one value put at a path. */
function put(path: readonly (string | number)[], value: unknown): unknown {
  const copy = structuredClone(ejemploDeIngreso()) as unknown;
  let at = copy as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  at[path.at(-1)!] = value;
  return copy;
}

describe('parseDocumento', () => {
  it('takes the example, with and without what may be left out', () => {
    expect(faltas(ejemploDeIngreso())).toEqual([]);
    const { externalId, emisor, tipo, lugarExpedicion, exportacion, receptor } = ejemploDeIngreso();
    expect(faltas({ externalId, emisor, tipo, lugarExpedicion, exportacion, receptor })).toEqual([]);
  });

  it.each([
    [['folio'], 1042, 'folio', 'cfdi.wrong-type'],
    [['folio'], null, 'folio', 'cfdi.wrong-type'],
    [['emisor'], undefined, 'emisor', 'cfdi.missing-field'],
    [['receptor', 'rfc'], undefined, 'receptor.rfc', 'cfdi.missing-field'],
    [['receptor'], 'x', 'receptor', 'cfdi.wrong-type'],
    [['receptor'], [], 'receptor', 'cfdi.wrong-type'],
    [['conceptos'], {}, 'conceptos', 'cfdi.wrong-type'],
    [['conceptos', 0, 'cantidad'], 3, 'conceptos[0].cantidad', 'cfdi.wrong-type'],
    [['conceptos', 0, 'precio'], '3', 'conceptos[0].precio', 'cfdi.unknown-field'],
    [['nota'], 'x', 'nota', 'cfdi.unknown-field'],
    [
      ['conceptos', 0, 'impuestos', 'traslados', 0, 'tasa'],
      '1',
      'conceptos[0].impuestos.traslados[0].tasa',
      'cfdi.unknown-field',
    ],
    [['relacionados'], [{ tipoRelacion: '01', uuids: 'x' }], 'relacionados[0].uuids', 'cfdi.wrong-type'],
  ] as const)('refuses %j = %j as malformed, naming %s', (path, value, where, code) => {
    const found = faltas(put(path, value));
    expect(found).toMatchObject([{ path: where, code }]);
    expect(found.every(isMalformed)).toBe(true);
    expect(found[0]!.message).toMatch(/^[A-ZÁÉÍÓÚ].*\.$/);
    expect(found[0]!.remedy).toMatch(/^[A-ZÁÉÍÓÚ].*\.$/);
  });

  it.each([[null], ['x'], [[]], [7]])('refuses %j, which is no object', (json) => {
    expect(faltas(json)).toMatchObject([{ path: '', code: 'cfdi.wrong-type' }]);
  });

  it('names every fault at once', () => {
    const found = faltas({ ...ejemploDeIngreso(), a: 1, b: 2, serie: 3 });
    expect(found.map(({ path }) => path).sort()).toEqual(['a', 'b', 'serie']);
  });

  it('describes its shape with texts, lists and closed objects alone', () => {
    const shape = JSON.stringify(formaDelDocumento());
    expect(shape).toContain('"additionalProperties":false');
    expect(new Set([...shape.matchAll(/"type":"(\w+)"/g)].map(([, type]) => type))).toEqual(
      new Set(['object', 'array', 'string']),
    );
  });
});
