import { parseAddenda } from './addenda.ts';
import { hasCode } from './catalogos.ts';
import type { Documento } from './documento.ts';
import type { Falta } from './falta.ts';
import { Juicio } from './juicio.ts';
import { judgeConceptos } from './reglas-conceptos.ts';
import { judgeEncabezado } from './reglas-encabezado.ts';
import { judgeReceptor } from './reglas-receptor.ts';
import { judgeSumas } from './sumas.ts';
import { horaLocal } from './zonas.ts';

/** What the rules need beside the document; the library has no clock of its own. */
export interface Contexto {
  /** The instant by which catalogues and years are judged. */
  readonly ahora: Date;
}

/**
 * Judges a document of the right shape by the tax authority's rules (Anexo 20, CFDI 4.0) as far as they can be known
 * in the shop. The gateway asks at the door, the agent again before it seals, so the two always say the same.
 * @returns every fault found; empty when the document may be sealed
 */
export function reglas(documento: Documento, { ahora }: Contexto): readonly Falta[] {
  const juicio = new Juicio();
  const day = horaLocal(ahora, 'America/Mexico_City').slice(0, 10);
  if (!judgeTipo(juicio, documento, day)) return juicio.faltas;
  judgeEncabezado(juicio, documento, day);
  judgeReceptor(juicio, documento, day);
  judgeConceptos(juicio, documento, day);
  judgeAddenda(juicio, documento);
  // Sums are worth a word only where every figure can be read.
  const canAdd = !juicio.faltas.some(({ path }) => path === 'moneda' || path.startsWith('conceptos'));
  if (canAdd) judgeSumas(juicio, documento);
  return juicio.faltas;
}

function judgeTipo(juicio: Juicio, documento: Documento, day: string): boolean {
  const { tipo, pagos, exportacion } = documento;
  if (!juicio.catalogue('tipo', hasCode('tipos_comprobantes', tipo, day), 'c_TipoDeComprobante')) return false;
  if (tipo !== 'I') {
    return juicio.add(
      'tipo',
      'cfdi.unsupported',
      `El comprobante de tipo ${tipo} aún no se admite.`,
      'Por ahora entregue solo comprobantes de ingreso (tipo I).',
    );
  }
  if (pagos !== undefined && pagos.length > 0) {
    const remedy = 'Quite pagos; el complemento de pagos va en un comprobante de tipo P.';
    juicio.add('pagos', 'cfdi.forbidden', 'Un comprobante de ingreso no lleva pagos.', remedy);
  }
  if (exportacion === '02') {
    const message = 'La exportación con clave A1 pide el complemento de comercio exterior, que aún no se admite.';
    juicio.add('exportacion', 'cfdi.unsupported', message, 'Timbre ese comprobante por otro medio.');
  }
  return true;
}

function judgeAddenda(juicio: Juicio, { addenda }: Documento): void {
  if (addenda === undefined) return;
  const parsed = parseAddenda(addenda);
  if ('falta' in parsed) juicio.faltas.push(parsed.falta);
}
