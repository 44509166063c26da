import { pares } from './cabecera.ts';
import { impuestoEnLinea } from './conceptos.ts';
import { fechaHora, miles } from './formato.ts';
import type { DoctoImpreso, PagoImpreso } from './lectura-pagos.ts';
import type { Par, Parte } from './parte.ts';
import { tabla, type Columna } from './tabla.ts';

const BAR = 17;
const GUTTER = 20;
/** The only code of c_TipoCadenaPago. */
const SPEI = '01';
/** Room for the bar, the data and the first document of a payment. */
const TOGETHER = 130;

/** The complemento of payments: each payment with the documents that it settles. */
export function pagos(parte: Parte): void {
  const { lienzo, r, e } = parte;
  if (r.pagos === null) return;
  lienzo.y += 4;
  lienzo.need(TOGETHER + 14);
  const { left: x, width } = lienzo;
  lienzo.y +=
    lienzo.text(e.complementoPagos, { x, y: lienzo.y, width, size: 7.5, bold: true, color: lienzo.colorOfText }) + 3;
  for (const [index, pago] of r.pagos.pagos.entries())
    uno(parte, pago, `${index + 1} ${e.deN} ${r.pagos.pagos.length}`);
}

function uno(parte: Parte, pago: PagoImpreso, number: string): void {
  const { lienzo } = parte;
  lienzo.need(TOGETHER);
  barra(parte, pago, number);
  cuentas(parte, pago);
  largos(parte, pago);
  const table = tabla(lienzo, columnas(parte, pago), pago.doctos);
  lienzo.need(50);
  table.head();
  lienzo.repeat(table.head);
  for (const docto of pago.doctos) lienzo.flow(table.row(docto, notas(parte, docto)));
  lienzo.repeat(undefined);
  impuestos(parte, pago);
  lienzo.y += 8;
}

function barra({ lienzo, e }: Parte, { value }: PagoImpreso, number: string): void {
  const { left, width, y } = lienzo;
  const strong = { y: y + 3, width: width - 12, size: 8.5, bold: true };
  lienzo.box(left, y, width, BAR);
  lienzo.text(`${e.pago} ${number}`, { ...strong, x: left + 6 });
  lienzo.text(`${value('MonedaP')} ${miles(value('Monto'))}`, { ...strong, x: left + 6, align: 'right' });
  lienzo.y += BAR + 3;
}

function cuentas({ lienzo, e, coded }: Parte, { value }: PagoImpreso): void {
  const half = (lienzo.width - GUTTER) / 2;
  const left: readonly Par[] = [
    [e.fechaPago, fechaHora(value('FechaPago'))],
    [e.formaPago, coded('formas_pago', value('FormaDePagoP'))],
    [e.moneda, value('MonedaP')],
    [e.tipoCambio, miles(value('TipoCambioP'))],
    [e.numOperacion, value('NumOperacion')],
  ];
  const right: readonly Par[] = [
    [e.rfcOrdenante, value('RfcEmisorCtaOrd')],
    [e.bancoExtranjero, value('NomBancoOrdExt')],
    [e.cuentaOrdenante, value('CtaOrdenante')],
    [e.rfcBeneficiario, value('RfcEmisorCtaBen')],
    [e.cuentaBeneficiario, value('CtaBeneficiario')],
    [e.cadenaDePago, value('TipoCadPago') === SPEI ? `${SPEI} SPEI` : value('TipoCadPago')],
  ];
  const y = lienzo.y;
  const ends = [
    pares(lienzo, left, { x: lienzo.left, y, width: half }),
    pares(lienzo, right, { x: lienzo.left + half + GUTTER, y, width: half }),
  ];
  lienzo.y = Math.max(...ends) + 3;
}

/** What has no spaces and may go over pages. */
function largos({ lienzo, e }: Parte, { value }: PagoImpreso): void {
  const lines: readonly Par[] = [
    [e.certificadoDePago, value('CertPago')],
    [e.cadenaOriginalDePago, value('CadPago')],
    [e.selloDePago, value('SelloPago')],
  ];
  const { left, width } = lienzo;
  for (const [label, text] of lines) {
    if (text === '') continue;
    lienzo.flow([
      ...lienzo.franjas(lienzo.parrafo(label, { width, size: 6.5, bold: true, color: lienzo.colorOfText }), left),
      ...lienzo.franjas(lienzo.parrafo(text, { width, size: 6, hasNoWords: true }), left),
    ]);
    lienzo.y += 3;
  }
}

function columnas({ e }: Parte, { doctos }: PagoImpreso): Columna<DoctoImpreso>[] {
  const isForeign = doctos.some(({ value }) => value('EquivalenciaDR') !== '' && Number(value('EquivalenciaDR')) !== 1);
  const figure = (title: string, name: string, width: number): Columna<DoctoImpreso> => ({
    title,
    value: ({ value }) => miles(value(name)),
    width,
    isFigure: true,
  });
  return [
    {
      title: e.documento,
      value: ({ value }) => value('IdDocumento'),
      below: ({ value }) => [value('Serie'), value('Folio')].filter((part) => part !== '').join(' '),
      width: 'rest',
    },
    {
      title: e.moneda,
      value: ({ value }) => value('MonedaDR'),
      below: ({ value }) => (isForeign ? `${e.equivalencia} ${value('EquivalenciaDR')}` : ''),
      width: isForeign ? 66 : 44,
    },
    figure(e.parcialidad, 'NumParcialidad', 34),
    figure(e.saldoAnterior, 'ImpSaldoAnt', 70),
    figure(e.pagado, 'ImpPagado', 62),
    figure(e.saldoInsoluto, 'ImpSaldoInsoluto', 70),
  ];
}

function notas(parte: Parte, { value, impuestos: taxes }: DoctoImpreso): string[] {
  const { e, coded } = parte;
  const objeto = `${e.objeto}: ${coded('objetos_impuestos', value('ObjetoImpDR'))}`;
  return [objeto, ...taxes.map((one) => impuestoEnLinea(parte, one))];
}

function impuestos(parte: Parte, { impuestos: taxes }: PagoImpreso): void {
  const { lienzo, e } = parte;
  if (taxes.length === 0) return;
  const { left, width } = lienzo;
  lienzo.flow([
    ...lienzo.franjas(lienzo.parrafo(e.impuestosDelPago, { width, size: 7, bold: true }), left),
    ...taxes.flatMap((one) =>
      lienzo.franjas(lienzo.parrafo(impuestoEnLinea(parte, one), { width, size: 7, color: lienzo.grey }), left),
    ),
  ]);
}
