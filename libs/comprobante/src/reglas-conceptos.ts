import { Exact, fits, LINE_DECIMALS, round } from './decimales.ts';
import type { Concepto, Documento } from './documento.ts';
import type { Juicio } from './juicio.ts';
import { judgeAgregados } from './reglas-agregados.ts';
import { judgeImpuestos, judgeSinImpuestos } from './reglas-impuestos.ts';
import { CONCEPTO_DE_PAGO, tieneImporte } from './tipos.ts';
import { isUnidad } from './unidades.ts';

/** Most lines of a comprobante: PACs take more only by another way. */
const MOST_CONCEPTOS = 10_000;

/** Judges whether there are lines, and not too many: before anything is said of any one of them. */
export function judgeCount(juicio: Juicio, { tipo, conceptos = [] }: Documento): boolean {
  if (conceptos.length > MOST_CONCEPTOS) {
    const message = `El comprobante tiene ${conceptos.length} conceptos y se admiten ${MOST_CONCEPTOS}.`;
    return juicio.add('conceptos', 'cfdi.range', message, 'Divida la venta en varios comprobantes.');
  }
  if (conceptos.length > 0 || tipo === 'P') return true;
  return juicio.add(
    'conceptos',
    'cfdi.required',
    'El comprobante no tiene conceptos.',
    'Agregue al menos un concepto.',
  );
}

/** Judges every line: codes, texts, figures, taxes. */
export function judgeConceptos(juicio: Juicio, documento: Documento, day: string): void {
  if (documento.tipo === 'P') {
    judgeConceptoDePago(juicio, documento);
    return;
  }
  for (const [index, concepto] of (documento.conceptos ?? []).entries()) {
    if (juicio.isFull) return;
    judgeConcepto(juicio, documento, concepto, `conceptos[${index}]`, day);
  }
}

/** A tipo P has one line, always the same; the house writes it, and takes it when it is handed over. */
function judgeConceptoDePago(juicio: Juicio, { conceptos = [] }: Documento): void {
  if (conceptos.length <= 1 && conceptos.every(isConceptoDePago)) return;
  const message = 'Un comprobante de pago lleva un solo concepto, siempre el mismo, que pone el agente.';
  juicio.add('conceptos', 'cfdi.forbidden', message, 'Quite conceptos; lo cobrado va en pagos.');
}

function isConceptoDePago(concepto: Concepto): boolean {
  const wanted: Readonly<Record<string, unknown>> = CONCEPTO_DE_PAGO;
  const sent: Readonly<Record<string, unknown>> = { importe: CONCEPTO_DE_PAGO.importe, ...concepto };
  return Object.keys({ ...wanted, ...sent }).every((field) => sent[field] === wanted[field]);
}

function judgeConcepto(juicio: Juicio, documento: Documento, concepto: Concepto, path: string, day: string): void {
  const { claveProdServ, claveUnidad } = concepto;
  juicio.pattern(`${path}.claveProdServ`, claveProdServ, /^[0-9]{8}$/, 'Use los 8 dígitos de c_ClaveProdServ.');
  juicio.catalogue(`${path}.claveUnidad`, isUnidad(claveUnidad), 'c_ClaveUnidad');
  juicio.text(`${path}.noIdentificacion`, concepto.noIdentificacion, 100);
  juicio.text(`${path}.unidad`, concepto.unidad, 20);
  juicio.text(`${path}.descripcion`, concepto.descripcion, 1000);
  if (tieneImporte(documento.tipo)) {
    judgeImpuestos(juicio, concepto, path, day, judgeFigures(juicio, concepto, path));
  } else {
    judgeSinCobro(juicio, concepto, path);
    judgeSinImpuestos(juicio, concepto, path, day);
  }
  judgeAgregados(juicio, documento, concepto, path, day);
}

/** Figures of a line that charges nothing: a price may be told, or be zero. */
function judgeSinCobro(juicio: Juicio, concepto: Concepto, path: string): void {
  const { cantidad, valorUnitario, descuento, importe } = concepto;
  const canMultiply = [
    juicio.positive(`${path}.cantidad`, cantidad),
    juicio.decimal(`${path}.valorUnitario`, valorUnitario),
    juicio.decimal(`${path}.importe`, importe),
  ].every(Boolean);
  if (canMultiply) judgeProduct(juicio, cantidad, valorUnitario, path);
  if (!juicio.decimal(`${path}.descuento`, descuento) || new Exact(descuento ?? 0).isZero()) return;
  const message = 'Un comprobante de traslado no lleva descuentos.';
  juicio.add(`${path}.descuento`, 'cfdi.forbidden', message, 'Quite descuento.');
}

/** Judges the figures of a line. @returns what is taxed, where it can be computed */
function judgeFigures(juicio: Juicio, concepto: Concepto, path: string): Exact | undefined {
  const { cantidad, valorUnitario, descuento } = concepto;
  const canMultiply = [
    juicio.positive(`${path}.cantidad`, cantidad),
    juicio.positive(`${path}.valorUnitario`, valorUnitario),
    juicio.decimal(`${path}.descuento`, descuento),
    juicio.decimal(`${path}.importe`, concepto.importe),
  ].every(Boolean);
  if (!canMultiply) return undefined;
  const importe = judgeProduct(juicio, cantidad, valorUnitario, path);
  const base = importe?.minus(descuento ?? 0);
  if (importe === undefined || base?.isNegative() !== true) return base;
  const message = `El descuento (${descuento ?? ''}) es mayor que el importe (${importe.toFixed()}).`;
  juicio.add(`${path}.descuento`, 'cfdi.range', message, 'Baje el descuento o revise la cantidad y el precio.');
  return undefined;
}

function judgeProduct(juicio: Juicio, cantidad: string, valorUnitario: string, path: string): Exact | undefined {
  const importe = round(new Exact(cantidad).times(valorUnitario), LINE_DECIMALS);
  if (fits(importe)) return importe;
  const message = `El importe de ${path} pasa de 18 enteros.`;
  juicio.add(`${path}.valorUnitario`, 'cfdi.range', message, 'Revise cantidad y valor unitario.');
  return undefined;
}
