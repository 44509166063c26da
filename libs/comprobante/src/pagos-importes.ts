import { Exact, LINE_DECIMALS, round, sum, writeLine } from './decimales.ts';
import type { Documento } from './documento.ts';
import { decimalesDe } from './monedas.ts';
import type {
  ImporteDr,
  ImportesDeDocto,
  ImportesDePago,
  ImportesDePagos,
  RetencionP,
  TrasladoP,
} from './pagos-figuras.ts';
import type { DoctoRelacionado, ImpuestoDr, Pago } from './pagos.schema.ts';
import { totalesDePagos } from './pagos-totales.ts';

/**
 * Computes every figure of the complemento Pagos 2.0.
 *
 * Rule (Anexo 20, filling guide and matrix of errors of Pagos 2.0): ImpSaldoInsoluto = ImpSaldoAnt − ImpPagado;
 * ImporteDR = BaseDR × TasaOCuotaDR rounded half up to 6 decimals; BaseP and ImporteP = the sum over the documents of
 * BaseDR or ImporteDR ÷ EquivalenciaDR, in up to 6 decimals; the totals in pesos = the sum over the payments of the
 * written BaseP, ImporteP or Monto × TipoCambioP, rounded half up to 2 decimals once, at the end.
 * @param documento with figures that `isDecimal` takes and currencies that the catalogue knows
 * @throws RangeError for a currency that the catalogue does not know
 */
export function calculaPagos({ pagos }: Pick<Documento, 'pagos'>): ImportesDePagos {
  const computed = (pagos ?? []).map(ofPago);
  return { pagos: computed, totales: totalesDePagos(computed) };
}

function ofPago(pago: Pago): ImportesDePago {
  const doctos = pago.doctosRelacionados.map((docto) => ofDocto(docto, pago.monedaP));
  const decimals = decimalsOf(pago.monedaP);
  return {
    tipoCambioP: pago.monedaP === 'MXN' ? '1' : new Exact(pago.tipoCambioP ?? 1).toFixed(),
    monto: new Exact(pago.monto).toFixed(decimals),
    doctos,
    retencionesP: retencionesP(doctos, decimals),
    trasladosP: trasladosP(doctos, decimals),
  };
}

function ofDocto(docto: DoctoRelacionado, monedaP: string): ImportesDeDocto {
  const decimals = decimalsOf(docto.monedaDR);
  const left = new Exact(docto.impSaldoAnt).minus(docto.impPagado);
  return {
    // The tax authority asks for the digit 1 alone where the currencies are the same.
    equivalenciaDR: docto.monedaDR === monedaP ? '1' : writeRate(docto.equivalenciaDR ?? '1'),
    impSaldoAnt: new Exact(docto.impSaldoAnt).toFixed(decimals),
    impPagado: new Exact(docto.impPagado).toFixed(decimals),
    impSaldoInsoluto: left.toFixed(decimals),
    retencionesDR: (docto.impuestosDR?.retencionesDR ?? []).map(ofImpuesto),
    trasladosDR: (docto.impuestosDR?.trasladosDR ?? []).map(ofImpuesto),
  };
}

/** A rate with the decimals with which it was handed over: from them PACs reckon what rounding leaves open. */
function writeRate(rate: string): string {
  return new Exact(rate).toFixed(rate.includes('.') ? rate.length - rate.indexOf('.') - 1 : 0);
}

function ofImpuesto({ baseDR, impuestoDR, tipoFactorDR, tasaOCuotaDR }: ImpuestoDr): ImporteDr {
  const base = new Exact(baseDR);
  const tax = { baseDR: writeLine(base), impuestoDR, tipoFactorDR };
  if (tipoFactorDR === 'Exento' || tasaOCuotaDR === undefined) return { ...tax, tasaOCuotaDR: null, importeDR: null };
  const rate = new Exact(tasaOCuotaDR);
  return { ...tax, tasaOCuotaDR: rate.toFixed(LINE_DECIMALS), importeDR: writeLine(base.times(rate)) };
}

/** A tax of a document together with what divides its figures. */
interface Converted {
  readonly tax: ImporteDr;
  readonly equivalencia: string;
}

function retencionesP(doctos: readonly ImportesDeDocto[], decimals: number): RetencionP[] {
  const groups = grouped(taxesOf(doctos, 'retencionesDR'), ({ tax }) => tax.impuestoDR);
  return groups.map((group) => ({
    impuestoP: group[0].tax.impuestoDR,
    importeP: writeSummed(group, ({ importeDR }) => importeDR ?? '0', decimals),
  }));
}

function trasladosP(doctos: readonly ImportesDeDocto[], decimals: number): TrasladoP[] {
  const groups = grouped(taxesOf(doctos, 'trasladosDR'), ({ tax }) =>
    [tax.impuestoDR, tax.tipoFactorDR, tax.tasaOCuotaDR ?? ''].join(' '),
  );
  return groups.map((group) => {
    const { impuestoDR, tipoFactorDR, tasaOCuotaDR, importeDR } = group[0].tax;
    return {
      baseP: writeSummed(group, ({ baseDR }) => baseDR, decimals),
      impuestoP: impuestoDR,
      tipoFactorP: tipoFactorDR,
      tasaOCuotaP: tasaOCuotaDR,
      importeP: importeDR === null ? null : writeSummed(group, (tax) => tax.importeDR ?? '0', decimals),
    };
  });
}

function taxesOf(doctos: readonly ImportesDeDocto[], side: 'retencionesDR' | 'trasladosDR'): Converted[] {
  return doctos.flatMap((docto) => docto[side].map((tax) => ({ tax, equivalencia: docto.equivalenciaDR })));
}

/** Every figure is written with two decimals at least, in a currency without any too. */
const LEAST_DECIMALS = 2;

/** More than any figure of a comprobante has: a sum of quotients that is a whole cent reads as one. */
const GUARD_DECIMALS = 50;

/**
 * A sum of converted figures as it stands in the XML. Some PACs round it to the decimals that are written, others cut
 * it there; so it is written with the most decimals, 6 at most, at which both give the same. Where there is no such
 * number of decimals it is rounded.
 */
function writeSummed(group: readonly Converted[], figureOf: (tax: ImporteDr) => string, ofMoneda: number): string {
  const quotients = group.map(({ tax, equivalencia }) => new Exact(figureOf(tax)).div(equivalencia));
  const exact = round(sum(quotients), GUARD_DECIMALS);
  const atLeast = Math.max(ofMoneda, LEAST_DECIMALS);
  for (let decimals = LINE_DECIMALS; decimals >= atLeast; decimals -= 1) {
    const rounded = round(exact, decimals);
    if (rounded.lte(exact)) return writeLine(rounded);
  }
  return writeLine(exact);
}

/** Groups in the order in which each key is first met; each has at least one item. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => string): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

function decimalsOf(moneda: string): number {
  const decimals = decimalesDe(moneda);
  if (decimals === undefined) throw new RangeError('La moneda no está en el catálogo c_Moneda.');
  return decimals;
}
