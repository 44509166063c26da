import { hasCode } from './catalogos.ts';
import type { Documento } from './documento.ts';
import type { Juicio } from './juicio.ts';
import { PUBLICO_EN_GENERAL, RFC_PUBLICO_EN_GENERAL } from './rfc.ts';
import { collapse } from './textos.ts';

type Global = NonNullable<Documento['informacionGlobal']>;

/** Every two months: only those may invoice so who are of the RIF (c_RegimenFiscal 621). */
const BIMESTRAL = '05';
const RIF = '621';

/** Two days, `YYYY-MM-DD`: the one by which catalogues are judged, and the one at the place of issue. */
export interface Dias {
  readonly day: string;
  readonly today: string;
}

/** What a period is judged by. */
interface Circunstancias extends Dias {
  readonly regimenDelEmisor: string | undefined;
}

/**
 * Judges the global invoice: the sales of a period to the general public. What its lines are is the seller's affair:
 * the guide's one line per ticket (01010101, ACT) is a wish, and its own appendix on fuel has other keys.
 */
export function judgeGlobal(juicio: Juicio, documento: Documento, circunstancias: Circunstancias): void {
  const { tipo, informacionGlobal, receptor } = documento;
  const isPublicName = collapse(receptor.nombre) === PUBLICO_EN_GENERAL;
  const isPublic = isPublicName && receptor.rfc === RFC_PUBLICO_EN_GENERAL;
  if (isPublicName && !isPublic) {
    const message = `El nombre ${PUBLICO_EN_GENERAL} va con el RFC ${RFC_PUBLICO_EN_GENERAL}.`;
    juicio.add('receptor.nombre', 'cfdi.forbidden', message, 'Escriba el nombre del cliente, o ese RFC.');
  }
  if (informacionGlobal === undefined) {
    // Of an ingreso alone: what is returned to the public, or goes to it, has no period (matrix of errors: CFDI40130).
    if (tipo !== 'I' || !isPublic) return;
    const remedy = 'Agregue informacionGlobal, o el nombre del cliente si no es factura global.';
    juicio.add('informacionGlobal', 'cfdi.required', `La factura a ${PUBLICO_EN_GENERAL} es global.`, remedy);
    return;
  }
  if (tipo !== 'I') {
    const message = 'Solo un comprobante de ingreso lleva informacionGlobal.';
    juicio.add('informacionGlobal', 'cfdi.forbidden', message, 'Quite informacionGlobal.');
    return;
  }
  if (!isPublic) {
    const remedy = `Use ${RFC_PUBLICO_EN_GENERAL} y ${PUBLICO_EN_GENERAL}, o quite informacionGlobal.`;
    juicio.add('informacionGlobal', 'cfdi.forbidden', 'Solo la factura global lleva informacionGlobal.', remedy);
    return;
  }
  judgePeriodo(juicio, informacionGlobal, circunstancias);
}

/** Judges the period itself (matrix of errors: CFDI40131 to 40136). */
function judgePeriodo(juicio: Juicio, { periodicidad, meses, anio }: Global, circunstancias: Circunstancias): void {
  const { day, today, regimenDelEmisor } = circunstancias;
  const path = 'informacionGlobal';
  juicio.catalogue(`${path}.periodicidad`, hasCode('periodicidades', periodicidad, day), 'c_Periodicidad');
  if (periodicidad === BIMESTRAL && regimenDelEmisor !== undefined && regimenDelEmisor !== RIF) {
    const message = `La periodicidad 05 (bimestral) es solo de emisores del régimen ${RIF}.`;
    juicio.add(`${path}.periodicidad`, 'cfdi.forbidden', message, 'Use de 01 (diario) a 04 (mensual).');
  }
  if (juicio.catalogue(`${path}.meses`, hasCode('meses', meses, day), 'c_Meses')) {
    judgeMeses(juicio, periodicidad, Number(meses));
  }
  const year = Number(today.slice(0, 4));
  if (anio === String(year) || anio === String(year - 1)) return;
  const remedy = `Escriba ${year} o ${year - 1}.`;
  juicio.add(`${path}.anio`, 'cfdi.range', 'El año debe ser el actual o el anterior.', remedy);
}

/** Two-month keys (13 to 18) belong to the two-month period (05) and to no other. */
function judgeMeses(juicio: Juicio, periodicidad: string, meses: number): void {
  const isBimonthly = periodicidad === BIMESTRAL;
  if (isBimonthly === meses >= 13) return;
  const remedy = isBimonthly ? 'Use una clave de 13 a 18.' : 'Use una clave de 01 a 12.';
  juicio.add('informacionGlobal.meses', 'cfdi.forbidden', 'Los meses no corresponden a la periodicidad.', remedy);
}
