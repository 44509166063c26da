import { Exact, LINE_DECIMALS, round, sum, writeLine, writeQuantity } from './decimales.ts';
import type { Concepto, Documento, ImpuestoPedido } from './documento.ts';
import { decimalesDe } from './monedas.ts';

/** One tax of a line, every figure as it stands in the XML. Exempt lines have neither rate nor amount. */
export interface ImpuestoDeLinea {
  readonly impuesto: string;
  readonly tipoFactor: string;
  readonly tasaOCuota: string | null;
  readonly base: string;
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
 * Computes every figure of a comprobante of tipo I or E.
 *
 * Rule (spec "The comprobante that a business hands over"; Anexo 20): Importe, Base and line tax are the exact product
 * rounded half up to 6 decimals; Base = Importe − Descuento; each figure of the summary is the sum of those, rounded
 * half up to the currency's decimals; Total = SubTotal − Descuento + traslados − retenciones of the rounded parts.
 * @param documento with decimals that `isDecimal` takes and a currency that the catalogue knows
 */
export function calculaImportes(documento: Pick<Documento, 'conceptos' | 'moneda'>): Importes {
  const decimals = decimalesDe(documento.moneda ?? '');
  if (decimals === undefined) throw new RangeError('La moneda no está en el catálogo c_Moneda.');
  const conceptos = (documento.conceptos ?? []).map(ofConcepto);
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

function ofConcepto(concepto: Concepto): ImportesDeConcepto {
  const cantidad = new Exact(concepto.cantidad);
  const valorUnitario = new Exact(concepto.valorUnitario);
  const discount = new Exact(concepto.descuento ?? 0);
  const importe = round(cantidad.times(valorUnitario), LINE_DECIMALS);
  const base = importe.minus(discount);
  const descuento = discount.isZero() ? null : writeLine(discount);
  const line = (asked: ImpuestoPedido): ImpuestoDeLinea => ofImpuesto(asked, base);
  return {
    cantidad: writeQuantity(cantidad),
    valorUnitario: writeLine(valorUnitario),
    // The PAC refuses an Importe with fewer decimals than its Descuento.
    importe: writeLine(importe, descuento === null ? 2 : decimalsOf(descuento)),
    descuento,
    traslados: (concepto.impuestos?.traslados ?? []).map(line),
    retenciones: (concepto.impuestos?.retenciones ?? []).map(line),
  };
}

function ofImpuesto(asked: ImpuestoPedido, computedBase: Exact): ImpuestoDeLinea {
  const { impuesto, tipoFactor } = asked;
  // A Cuota is so much per litre or piece: there the caller may name the quantity as Base.
  const base = tipoFactor === 'Cuota' && asked.base !== undefined ? new Exact(asked.base) : computedBase;
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
