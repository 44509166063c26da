import { parseDocumento, type Documento } from './documento.ts';
import { ejemploDeIngreso } from './ejemplo.ts';
import type { Falta } from './falta.ts';
import { reglas } from './reglas.ts';

/** What the rules say of a document on 21 November 2026. */
export function judge(documento: Documento): readonly Falta[] {
  return reglas(documento, { ahora: new Date('2026-11-21T12:00:00Z') });
}

/** A document with values put at paths such as `conceptos[0].cantidad`; `undefined` takes the field away. */
export function put(changes: Readonly<Record<string, unknown>>, base: Documento = ejemploDeIngreso()): Documento {
  // As a caller's JSON has it: what is undefined is not there.
  const copy: unknown = JSON.parse(JSON.stringify(base));
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split(/[.[\]]+/).filter((key) => key !== '');
    const last = keys.pop() ?? '';
    let at = copy as Record<string, unknown>;
    for (const key of keys) at = at[key] as Record<string, unknown>;
    if (value === undefined) delete at[last];
    else at[last] = value;
  }
  const parsed = parseDocumento(copy);
  if ('faltas' in parsed) throw new Error(JSON.stringify(parsed.faltas));
  return parsed.documento;
}
