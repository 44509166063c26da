import { hasCode } from './catalogos.ts';
import type { Concepto, Documento } from './documento.ts';
import type { Juicio } from './juicio.ts';
import { PUBLICO_EN_GENERAL, RFC_PUBLICO_EN_GENERAL } from './rfc.ts';
import { collapse } from './textos.ts';

type Global = NonNullable<Documento['informacionGlobal']>;

/** A ticket of the global invoice is this product in this unit (filling guide of the global invoice). */
const TICKET = { claveProdServ: '01010101', claveUnidad: 'ACT' } as const;

/** Two days, `YYYY-MM-DD`: the one by which catalogues are judged, and the one at the place of issue. */
export interface Dias {
  readonly day: string;
  readonly today: string;
}

/** Judges the global invoice: the sales of a period to the general public, one line per ticket. */
export function judgeGlobal(juicio: Juicio, documento: Documento, dias: Dias): void {
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
  if (!isPublic || (tipo !== 'I' && tipo !== 'E')) {
    const remedy = `Use ${RFC_PUBLICO_EN_GENERAL} y ${PUBLICO_EN_GENERAL}, o quite informacionGlobal.`;
    juicio.add('informacionGlobal', 'cfdi.forbidden', 'Solo la factura global lleva informacionGlobal.', remedy);
    return;
  }
  judgePeriodo(juicio, informacionGlobal, dias);
  if (tipo === 'I') judgeTickets(juicio, documento);
}

function judgePeriodo(juicio: Juicio, { periodicidad, meses, anio }: Global, { day, today }: Dias): void {
  const path = 'informacionGlobal';
  juicio.catalogue(`${path}.periodicidad`, hasCode('periodicidades', periodicidad, day), 'c_Periodicidad');
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
  const isBimonthly = periodicidad === '05';
  if (isBimonthly === meses >= 13) return;
  const remedy = isBimonthly ? 'Use una clave de 13 a 18.' : 'Use una clave de 01 a 12.';
  juicio.add('informacionGlobal.meses', 'cfdi.forbidden', 'Los meses no corresponden a la periodicidad.', remedy);
}

function judgeTickets(juicio: Juicio, { metodoPago, conceptos }: Documento): void {
  if (metodoPago === 'PPD') {
    const message = 'La factura global ampara ventas ya pagadas: su método de pago es PUE.';
    juicio.add('metodoPago', 'cfdi.forbidden', message, 'Use PUE y la forma de pago de mayor importe.');
  }
  for (const [index, concepto] of (conceptos ?? []).entries()) {
    if (juicio.isFull) return;
    judgeTicket(juicio, concepto, `conceptos[${index}]`);
  }
}

function judgeTicket(juicio: Juicio, concepto: Concepto, path: string): void {
  for (const [field, only] of Object.entries(TICKET) as [keyof typeof TICKET, string][]) {
    if (concepto[field] === only) continue;
    const message = `En la factura global ${path}.${field} es ${only}.`;
    juicio.add(`${path}.${field}`, 'cfdi.forbidden', message, `Escriba ${only}; cada concepto es un ticket.`);
  }
  juicio.required(`${path}.noIdentificacion`, concepto.noIdentificacion, 'Escriba el folio del ticket.');
}
