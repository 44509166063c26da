import { parseAddenda } from './addenda.ts';
import { hasCode } from './catalogos.ts';
import type { Documento } from './documento.ts';
import type { Falta } from './falta.ts';
import { Juicio } from './juicio.ts';
import { judgePagos } from './pagos-reglas.ts';
import { judgeConceptos, judgeCount } from './reglas-conceptos.ts';
import { judgeEncabezado } from './reglas-encabezado.ts';
import { judgeGlobal, type Dias } from './reglas-global.ts';
import { judgeReceptor } from './reglas-receptor.ts';
import { judgeSumas } from './sumas.ts';
import { isTipo, nombreDe } from './tipos.ts';
import { horaLocal, zonaDe, ZONAS } from './zonas.ts';

/** What the rules need beside the document; the library has no clock of its own. */
export interface Contexto {
  /** The instant by which catalogues and years are judged. */
  readonly ahora: Date;
  /** c_RegimenFiscal of the issuer; left out where nobody knows it, and then nothing is said of it. */
  readonly regimenDelEmisor?: string | undefined;
}

/**
 * Judges a document of the right shape by the tax authority's rules (Anexo 20, CFDI 4.0) as far as they can be known
 * in the shop. The gateway asks at the door, the agent again before it seals, so the two always say the same.
 * @returns every fault found, a hundred at most; empty when the document may be sealed
 */
export function reglas(documento: Documento, { ahora, regimenDelEmisor }: Contexto): readonly Falta[] {
  const juicio = new Juicio();
  const day = horaLocal(ahora, 'America/Mexico_City').slice(0, 10);
  if (!judgeTipo(juicio, documento, day) || !judgeCount(juicio, documento)) return juicio.faltas;
  const today = dayAt(documento, ahora);
  judgeEncabezado(juicio, documento, day);
  judgeReceptor(juicio, documento, day);
  judgeGlobal(juicio, documento, { day, today, regimenDelEmisor });
  judgeConceptos(juicio, documento, day);
  judgePagosOf(juicio, documento, { day, today });
  judgeAddenda(juicio, documento);
  // Sums are worth a word only where every figure can be read.
  const canAdd = !juicio.faltas.some(({ path }) => path === 'moneda' || path.startsWith('conceptos'));
  if (canAdd) judgeSumas(juicio, documento);
  return juicio.faltas;
}

function judgeTipo(juicio: Juicio, { tipo }: Documento, day: string): boolean {
  if (!juicio.catalogue('tipo', hasCode('tipos_comprobantes', tipo, day), 'c_TipoDeComprobante')) return false;
  if (isTipo(tipo)) return true;
  const message = `El comprobante de tipo ${tipo} no se admite.`;
  return juicio.add('tipo', 'cfdi.unsupported', message, 'Entregue comprobantes de tipo I, E, T o P.');
}

function judgePagosOf(juicio: Juicio, documento: Documento, { day, today }: Dias): void {
  const { tipo, pagos } = documento;
  if (tipo === 'P') {
    judgePagos(juicio, documento, day, today);
    return;
  }
  if (pagos === undefined || pagos.length === 0) return;
  const message = `Un comprobante ${nombreDe(tipo)} no lleva pagos.`;
  juicio.add('pagos', 'cfdi.forbidden', message, 'Quite pagos; van en un comprobante de tipo P.');
}

/** The day at the place of issue; that of the capital where the place is not known. */
function dayAt({ zonaHoraria, lugarExpedicion }: Documento, ahora: Date): string {
  const zona = zonaHoraria ?? zonaDe(lugarExpedicion);
  const isKnown = zona !== undefined && ZONAS.includes(zona);
  return horaLocal(ahora, isKnown ? zona : 'America/Mexico_City').slice(0, 10);
}

function judgeAddenda(juicio: Juicio, { addenda }: Documento): void {
  if (addenda === undefined) return;
  const parsed = parseAddenda(addenda);
  if ('falta' in parsed) juicio.faltas.push(parsed.falta);
}
