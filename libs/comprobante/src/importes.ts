import { Exact, LINE_DECIMALS, round, sum, writeLine, writeQuantity } from './decimales.ts';
import type { Concepto, Documento, ImpuestoPedido, Parte } from './documento.ts';
import { decimalesDe } from './monedas.ts';
import { CONCEPTO_DE_PAGO, conceptosDe, monedaDe, tieneImporte } from './tipos.ts';

/** One tax of a line, every figure as it stands in the XML. Exempt lines have neither rate nor amount. */
export interface ImpuestoDeLinea {
  readonly impuesto: string;
  readonly tipoFactor: string;
  readonly tasaOCuota: string | null;
  readonly base: string;
  readonly importe: string | null;
}

/** Figures of one component of a line, as they stand in the XML; `null` means that the attribute is left out. */
export interface ImportesDeParte {
  readonly cantidad: string;
  readonly valorUnitario: string | null;
  readonly importe: string | null;
}

/** Figures of one line, as they stand in the XML. */
export interface ImportesDeConcepto {
  readonly cantidad: string;
  readonly valorUnitario: string;
  readonly importe: string;
  readonly descuento: string | null;
  readonly traslados: readonly ImpuestoDeLinea[];
  readonly retenciones: readonly ImpuestoDeLinea[];
  readonly partes: readonly ImportesDeParte[];
}

/** One withheld tax of the summary. */
export interface RetencionDelResumen {
  readonly impuesto: string;
  readonly importe: string;
}

/** Every figure of a comprobante, as it stands in the XML. `null` means that the attribute is left out. */
export interface Importes {
  readonly conceptos: readonly ImportesDeConcepto[];
  readonly subTotal: string;
  readonly descuento: string | null;
  readonly traslados: readonly ImpuestoDeLinea[];
  readonly retenciones: readonly RetencionDelResumen[];
  readonly totalTrasladados: string | null;
  readonly totalRetenidos: string | null;
  readonly total: string;
  /** Total below zero: a comprobante that cannot exist; then `total` carries a minus sign. */
  readonly isNegative: boolean;
}

/**
 * Computes every figure of a comprobante, but those of the payments in a tipo P (`calculaPagos`). In T and P the sums
 * are zero whatever the lines say.
 *
 * Rule (spec "The comprobante that a business hands over"; Anexo 20): Importe, Base and line tax are the exact product
 * rounded half up to 6 decimals; Base = Importe − Descuento; each figure of the summary is the sum of those, rounded
 * half up to the currency's decimals; Total = SubTotal − Descuento + traslados − retenciones of the rounded parts.
 * @param documento with decimals that `isDecimal` takes and a currency that the catalogue knows
 */
export function calculaImportes(documento: Pick<Documento, 'tipo' | 'conceptos' | 'moneda'>): Importes {
  const decimals = decimalesDe(monedaDe(documento) ?? '');
  if (decimals === undefined) throw new RangeError('La moneda no está en el catálogo c_Moneda.');
  if (documento.tipo === 'P') return withoutSums([LINEA_DE_PAGO], decimals);
  const conceptos = conceptosDe(documento).map(ofConcepto);
  if (!tieneImporte(documento.tipo)) return withoutSums(conceptos, decimals);
  const write = (value: Exact): string => round(value, decimals).toFixed(decimals);

  const subTotal = write(sum(conceptos.map((one) => new Exact(one.importe))));
  const discounts = conceptos.flatMap((one) => (one.descuento === null ? [] : [new Exact(one.descuento)]));
  const descuento = discounts.length === 0 ? null : write(sum(discounts));

  const traslados = grouped(
    conceptos.flatMap((one) => one.traslados),
    keyOfTraslado,
  ).map((lines) => ({
    ...first(lines),
    base: write(sum(lines.map((line) => new Exact(line.base)))),
    importe: first(lines).importe === null ? null : write(sumOfImportes(lines)),
  }));
  const retenciones = grouped(
    conceptos.flatMap((one) => one.retenciones),
    (line) => line.impuesto,
  ).map((lines) => ({ impuesto: first(lines).impuesto, importe: write(sumOfImportes(lines)) }));

  const charged = traslados.flatMap((one) => (one.importe === null ? [] : [new Exact(one.importe)]));
  const withheld = retenciones.map((one) => new Exact(one.importe));
  const total = new Exact(subTotal)
    .minus(descuento ?? 0)
    .plus(sum(charged))
    .minus(sum(withheld));
  return {
    conceptos,
    subTotal,
    descuento,
    traslados,
    retenciones,
    totalTrasladados: charged.length === 0 ? null : write(sum(charged)),
    totalRetenidos: withheld.length === 0 ? null : write(sum(withheld)),
    total: total.toFixed(decimals),
    isNegative: total.isNegative(),
  };
}

const IVA = '002';
const IEPS = '003';

/** The one line of a tipo P as the filling guide has it: plain zeros, no decimals. */
const LINEA_DE_PAGO: ImportesDeConcepto = {
  cantidad: CONCEPTO_DE_PAGO.cantidad,
  valorUnitario: CONCEPTO_DE_PAGO.valorUnitario,
  importe: '0',
  descuento: null,
  traslados: [],
  retenciones: [],
  partes: [],
};

/** SubTotal and Total of T and P are zero, and there is no summary of taxes. */
function withoutSums(conceptos: readonly ImportesDeConcepto[], decimals: number): Importes {
  const zero = new Exact(0).toFixed(decimals);
  return {
    conceptos,
    subTotal: zero,
    descuento: null,
    traslados: [],
    retenciones: [],
    totalTrasladados: null,
    totalRetenidos: null,
    total: zero,
    isNegative: false,
  };
}

function ofConcepto(concepto: Concepto): ImportesDeConcepto {
  const cantidad = new Exact(concepto.cantidad);
  const valorUnitario = new Exact(concepto.valorUnitario);
  const discount = new Exact(concepto.descuento ?? 0);
  const importe = round(cantidad.times(valorUnitario), LINE_DECIMALS);
  const base = importe.minus(discount);
  const descuento = discount.isZero() ? null : writeLine(discount);
  const line = (asked: ImpuestoPedido): ImpuestoDeLinea => ofImpuesto(asked, baseOf(asked, base, concepto));
  return {
    cantidad: writeQuantity(cantidad),
    valorUnitario: writeLine(valorUnitario),
    // The PAC refuses an Importe with fewer decimals than its Descuento.
    importe: writeLine(importe, descuento === null ? 2 : decimalsOf(descuento)),
    descuento,
    traslados: (concepto.impuestos?.traslados ?? []).map(line),
    retenciones: (concepto.impuestos?.retenciones ?? []).map(line),
    partes: (concepto.partes ?? []).map(ofParte),
  };
}

function ofParte({ cantidad, valorUnitario, importe }: Parte): ImportesDeParte {
  const quantity = new Exact(cantidad);
  const product = valorUnitario === undefined ? undefined : quantity.times(valorUnitario);
  const figure = product ?? (importe === undefined ? undefined : new Exact(importe));
  return {
    cantidad: writeQuantity(quantity),
    valorUnitario: valorUnitario === undefined ? null : writeLine(new Exact(valorUnitario)),
    importe: figure === undefined ? null : writeLine(figure),
  };
}

/** The Base that counts: the computed one, but where the caller may name another. */
function baseOf(asked: ImpuestoPedido, computed: Exact, { impuestos }: Pick<Concepto, 'impuestos'>): Exact {
  if (asked.base === undefined) return computed;
  const named = new Exact(asked.base);
  // A Cuota is so much per litre or piece: its Base is that quantity.
  if (asked.tipoFactor === 'Cuota') return named;
  // IVA may be taken from the price with the IEPS on it (Ley del IVA, article 12).
  const ieps = (impuestos?.traslados ?? []).filter(({ impuesto }) => impuesto === IEPS);
  const isOnTop = asked.impuesto === IVA && ieps.length > 0;
  if (!isOnTop) return computed;
  const onTop = sumOfImportes(ieps.map((one) => ofImpuesto(one, baseOf(one, computed, {}))));
  return named.eq(computed.plus(onTop)) ? named : computed;
}

function ofImpuesto(asked: ImpuestoPedido, base: Exact): ImpuestoDeLinea {
  const { impuesto, tipoFactor } = asked;
  if (tipoFactor === 'Exento' || asked.tasaOCuota === undefined) {
    return { impuesto, tipoFactor, tasaOCuota: null, base: writeLine(base), importe: null };
  }
  const rate = new Exact(asked.tasaOCuota);
  return {
    impuesto,
    tipoFactor,
    tasaOCuota: rate.toFixed(LINE_DECIMALS),
    base: writeLine(base),
    importe: writeLine(base.times(rate)),
  };
}

function keyOfTraslado(line: ImpuestoDeLinea): string {
  return `${line.impuesto} ${line.tipoFactor} ${line.tasaOCuota ?? ''}`;
}

/** Groups in the order in which each key is first met. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

function first<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined) throw new RangeError('A group has at least one line.');
  return item;
}

function sumOfImportes(lines: readonly ImpuestoDeLinea[]): Exact {
  return sum(lines.map((line) => new Exact(line.importe ?? 0)));
}

function decimalsOf(written: string): number {
  return written.length - written.indexOf('.') - 1;
}
