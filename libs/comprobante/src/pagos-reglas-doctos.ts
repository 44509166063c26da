import { Exact } from './decimales.ts';
import type { Juicio } from './juicio.ts';
import { isMoneda, judgeCifra } from './pagos-reglas-cifras.ts';
import { judgeImpuestosDr } from './pagos-reglas-impuestos.ts';
import type { DoctoRelacionado } from './pagos.schema.ts';

/** A folio fiscal, or the number of an operation of the customs (schema of Pagos 2.0, IdDocumento). */
const ID_DOCUMENTO =
  /^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|[0-9]{3}-[0-9]{2}-[0-9]{9})$/;
const PARCIALIDAD = /^[1-9][0-9]{0,2}$/;
/** A rate between two currencies has more decimals than any other figure. */
const EQUIVALENCIA = /^[0-9]{1,18}(\.[0-9]{1,10})?$/;

/** What a paid document is judged by beside itself. */
interface Around {
  /** Missing where the payment names none that is known. */
  readonly monedaP: string | undefined;
  /** `YYYY-MM-DD`. */
  readonly day: string;
}

/** Judges one paid document (matrix of errors: CRP20236 to 20261, 20278, 20279). */
export function judgeDocto(juicio: Juicio, docto: DoctoRelacionado, path: string, { monedaP, day }: Around): void {
  const uuid = 'Copie el folio fiscal (UUID) completo de la factura, de 36 caracteres.';
  juicio.pattern(`${path}.idDocumento`, docto.idDocumento, ID_DOCUMENTO, uuid);
  juicio.text(`${path}.serie`, docto.serie, 25);
  juicio.text(`${path}.folio`, docto.folio, 40);
  const first = 'Escriba qué pago de la factura es: 1 para el primero, sin ceros delante, hasta 999.';
  juicio.pattern(`${path}.numParcialidad`, docto.numParcialidad, PARCIALIDAD, first);
  if (isMoneda(juicio, `${path}.monedaDR`, docto.monedaDR)) {
    if (monedaP !== undefined) judgeEquivalencia(juicio, docto, `${path}.equivalenciaDR`, monedaP);
    judgeSaldos(juicio, docto, path);
  }
  judgeImpuestosDr(juicio, docto, path, day);
}

function judgeEquivalencia(juicio: Juicio, docto: DoctoRelacionado, path: string, monedaP: string): void {
  const { equivalenciaDR, monedaDR } = docto;
  const isSame = monedaDR === monedaP;
  const remedy = isSame
    ? 'Quite equivalenciaDR: con la misma moneda es 1.'
    : 'Escriba, con hasta 10 decimales, cuánto de monedaDR vale una unidad de monedaP.';
  if (!isSame && !juicio.required(path, equivalenciaDR, remedy)) return;
  if (equivalenciaDR === undefined || !juicio.pattern(path, equivalenciaDR, EQUIVALENCIA, remedy)) return;
  const rate = new Exact(equivalenciaDR);
  if (isSame && !rate.eq(1)) juicio.add(path, 'cfdi.range', `Con la misma moneda ${path} es 1.`, remedy);
  if (rate.isZero()) juicio.add(path, 'cfdi.range', `${path} debe ser mayor que cero.`, remedy);
}

function judgeSaldos(juicio: Juicio, docto: DoctoRelacionado, path: string): void {
  const { monedaDR, impSaldoAnt, impPagado, impSaldoInsoluto } = docto;
  juicio.decimal(`${path}.impSaldoInsoluto`, impSaldoInsoluto);
  const canCompare = [
    judgeCifra(juicio, `${path}.impSaldoAnt`, impSaldoAnt, monedaDR),
    judgeCifra(juicio, `${path}.impPagado`, impPagado, monedaDR),
  ].every(Boolean);
  if (!canCompare || new Exact(impPagado).lte(impSaldoAnt)) return;
  const message = `${path}.impPagado (${impPagado}) es mayor que el saldo anterior (${impSaldoAnt}).`;
  const remedy = 'Revise el saldo, o reparta el pago entre las facturas que cubre.';
  juicio.add(`${path}.impPagado`, 'cfdi.range', message, remedy);
}
