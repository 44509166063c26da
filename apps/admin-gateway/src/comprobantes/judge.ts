import {
  emisorDesconocido,
  isMalformed,
  parseDocumento,
  reglas,
  type Documento,
  type Falta,
} from '@nexora/comprobante';
import { Problem, type InputFault } from '../http/problem.ts';

/**
 * Reads a handed-over document: names and JSON types only.
 * @throws Problem 400 in Spanish that names every fault of shape.
 */
export function readDocumento(json: unknown): Documento {
  const parsed = parseDocumento(json);
  if ('documento' in parsed) return parsed.documento;
  throw refusal(parsed.faltas);
}

/** What the rules need beside the document. */
export interface Circumstances {
  /** The house's time. */
  readonly ahora: Date;
  /** c_RegimenFiscal of the issuer; null when it is none of the house. */
  readonly regimenDelEmisor: string | null;
}

/**
 * Judges a document by the tax authority's rules, with the same library that the agent asks again before it seals.
 * @throws Problem 422 in Spanish that names every broken rule and how to mend it.
 */
export function judge(documento: Documento, { ahora, regimenDelEmisor }: Circumstances): void {
  const contexto = { ahora, regimenDelEmisor: regimenDelEmisor ?? undefined };
  const faltas = [...(regimenDelEmisor === null ? [emisorDesconocido()] : []), ...reglas(documento, contexto)];
  if (faltas.length > 0) throw refusal(faltas);
}

function refusal(faltas: readonly Falta[]): Problem {
  const errors = faltas.map(({ path, message, code, remedy }): InputFault => ({ path, message, code, remedy }));
  const code = faltas.some(isMalformed) ? 'http.malformed' : 'cfdi.invalid';
  return new Problem(code, sentence(faltas), { errors });
}

function sentence([first, ...others]: readonly Falta[]): string {
  const more = others.length > 0 ? ` Hay ${others.length} más: vea errors.` : '';
  return first === undefined ? 'El comprobante no es válido.' : `${first.message} ${first.remedy}${more}`;
}
