import { hasCode } from './catalogos.ts';
import { Exact } from './decimales.ts';
import type { Documento } from './documento.ts';
import { isFechaHora } from './fechas.ts';
import type { Juicio } from './juicio.ts';
import { judgeBancos } from './pagos-reglas-bancos.ts';
import { hasFaults, isMoneda, judgeCifra } from './pagos-reglas-cifras.ts';
import { judgeDocto } from './pagos-reglas-doctos.ts';
import { judgeSumasDePagos } from './pagos-sumas.ts';
import type { Pago } from './pagos.schema.ts';

/** Most paid documents of one comprobante: more make an XML that PACs take only by another way. */
export const MOST_DOCTOS = 10_000;

const POR_DEFINIR = '99';

/**
 * Judges what a comprobante of tipo P tells of payments (schema, filling guide and matrix of errors of Pagos 2.0).
 * @param day by which catalogues are judged, `YYYY-MM-DD`
 * @param today the day at the place of issue: no payment was received later
 */
export function judgePagos(juicio: Juicio, documento: Documento, day: string, today = day): void {
  const { pagos = [] } = documento;
  if (pagos.length === 0) {
    juicio.add('pagos', 'cfdi.required', 'El comprobante de pago no dice ningún pago.', 'Agregue al menos un pago.');
    return;
  }
  if (!judgeCount(juicio, pagos)) return;
  for (const [index, pago] of pagos.entries()) {
    if (juicio.isFull) return;
    judgePago(juicio, pago, `pagos[${index}]`, { day, today });
  }
  if (!hasFaults(juicio, 'pagos')) judgeSumasDePagos(juicio, documento);
}

function judgeCount(juicio: Juicio, pagos: readonly Pago[]): boolean {
  const count = pagos.reduce((sum, { doctosRelacionados }) => sum + Math.max(1, doctosRelacionados.length), 0);
  if (count <= MOST_DOCTOS) return true;
  const message = `El comprobante paga ${count} documentos y se admiten ${MOST_DOCTOS}.`;
  return juicio.add('pagos', 'cfdi.range', message, 'Divida los pagos en varios comprobantes.');
}

interface Days {
  readonly day: string;
  readonly today: string;
}

function judgePago(juicio: Juicio, pago: Pago, path: string, { day, today }: Days): void {
  judgeFecha(juicio, pago.fechaPago, `${path}.fechaPago`, today);
  judgeForma(juicio, pago.formaDePagoP, `${path}.formaDePagoP`, day);
  const monedaP = judgeMoneda(juicio, pago, path) ? pago.monedaP : undefined;
  juicio.text(`${path}.numOperacion`, pago.numOperacion, 100);
  judgeBancos(juicio, pago, path);
  if (pago.doctosRelacionados.length === 0) {
    const remedy = 'Agregue la factura que se paga.';
    juicio.add(`${path}.doctosRelacionados`, 'cfdi.required', `${path} no paga ningún documento.`, remedy);
  }
  for (const [index, docto] of pago.doctosRelacionados.entries()) {
    if (juicio.isFull) return;
    judgeDocto(juicio, docto, `${path}.doctosRelacionados[${index}]`, { monedaP, day });
  }
}

function judgeFecha(juicio: Juicio, fecha: string, path: string, today: string): void {
  if (!isFechaHora(fecha)) {
    const remedy = 'Escriba AAAA-MM-DDThh:mm:ss, sin zona; si no sabe la hora, 12:00:00.';
    juicio.add(path, 'cfdi.pattern', `${path} no es una fecha con hora.`, remedy);
    return;
  }
  if (fecha.slice(0, 10) <= today) return;
  juicio.add(path, 'cfdi.range', `${path} está en el futuro.`, 'Escriba el día en que se recibió el pago.');
}

function judgeForma(juicio: Juicio, forma: string, path: string, day: string): void {
  if (!juicio.catalogue(path, hasCode('formas_pago', forma, day), 'c_FormaPago') || forma !== POR_DEFINIR) return;
  const message = `${path} no puede ser 99: el pago ya se recibió.`;
  juicio.add(path, 'cfdi.forbidden', message, 'Diga cómo se pagó, por ejemplo 03 transferencia.');
}

/** Whether the currency of the payment is known: only then can anything be said of its figures. */
function judgeMoneda(juicio: Juicio, { monedaP, tipoCambioP, monto }: Pago, path: string): boolean {
  if (!isMoneda(juicio, `${path}.monedaP`, monedaP)) return false;
  judgeTipoCambio(juicio, monedaP, tipoCambioP, `${path}.tipoCambioP`);
  judgeCifra(juicio, `${path}.monto`, monto, monedaP);
  return true;
}

function judgeTipoCambio(juicio: Juicio, moneda: string, tipoCambio: string | undefined, path: string): void {
  if (moneda !== 'MXN') {
    if (!juicio.required(path, tipoCambio, 'Diga cuántos pesos valía una unidad de la moneda.')) return;
    juicio.positive(path, tipoCambio ?? '');
    return;
  }
  if (!juicio.decimal(path, tipoCambio) || tipoCambio === undefined || new Exact(tipoCambio).eq(1)) return;
  juicio.add(path, 'cfdi.range', `Con monedaP MXN ${path} es 1.`, 'Quite tipoCambioP.');
}
