import { Exact, fits, sum } from './decimales.ts';
import type { Documento } from './documento.ts';
import type { Juicio } from './juicio.ts';
import type { ImportesDeDocto, ImportesDePago, ImportesDePagos } from './pagos-figuras.ts';
import { calculaPagos } from './pagos-importes.ts';
import type { DoctoRelacionado, ImpuestoDr, Pago } from './pagos.schema.ts';
import { agree } from './sumas.ts';

/** Judges what adding the payments up gives, and every figure that the caller computed too: both must agree. */
export function judgeSumasDePagos(juicio: Juicio, { pagos = [] }: Pick<Documento, 'pagos'>): void {
  const computed = calculaPagos({ pagos });
  judgeSize(juicio, computed);
  for (const [index, pago] of pagos.entries()) {
    if (juicio.isFull) return;
    const figures = computed.pagos[index];
    if (figures === undefined) continue;
    judgeMonto(juicio, pago, figures, `pagos[${index}]`);
    judgeDoctos(juicio, pago, figures, `pagos[${index}]`);
  }
}

function judgeSize(juicio: Juicio, { pagos, totales }: ImportesDePagos): void {
  const figures = [
    ...Object.values<string | null>({ ...totales }),
    ...pagos.flatMap(({ trasladosP, retencionesP }) => [
      ...trasladosP.flatMap(({ baseP, importeP }) => [baseP, importeP]),
      ...retencionesP.map(({ importeP }) => importeP),
    ]),
  ];
  if (figures.every((figure) => figure === null || fits(new Exact(figure)))) return;
  const message = 'La suma de los pagos pasa de 18 enteros.';
  juicio.add('pagos', 'cfdi.range', message, 'Revise equivalenciaDR y tipoCambioP, o divida los pagos.');
}

/**
 * What a payment pays is no more than what was received. In one currency to the cent; between currencies as far as the
 * decimals that are written leave open (matrix of errors: CRP20217, 20275 to 20277).
 */
function judgeMonto(
  juicio: Juicio,
  { monedaP, doctosRelacionados }: Pago,
  figures: ImportesDePago,
  path: string,
): void {
  const { monto, doctos } = figures;
  const paid = sum(doctos.map(({ impPagado, equivalenciaDR }) => new Exact(impPagado).div(equivalenciaDR)));
  if (paid.lte(monto)) return;
  const isForeign = doctosRelacionados.some(({ monedaDR }) => monedaDR !== monedaP);
  if (isForeign && sum(doctos.map((docto) => leastOf(docto, doctos.length))).lte(monto)) return;
  // Rounded up, so that the figure named is one that would do.
  const least = paid.toDecimalPlaces(decimalsOf(monto), Exact.ROUND_UP).toFixed(decimalsOf(monto));
  const message = `${path}.monto dice ${monto} y lo pagado a los documentos suma ${least}.`;
  const remedy = 'Corrija monto, o impPagado y equivalenciaDR de los documentos.';
  juicio.add(`${path}.monto`, 'cfdi.sum', message, remedy);
}

/** The tax authority takes this off half a place, so that the limit itself does not round up. */
const HAIR = new Exact('0.0000000001');
/** Decimals that an EquivalenciaDR of 1 counts as having beside documents of another currency. */
const DECIMALS_OF_ONE = 10;

/** The least that a paid document may be worth in the payment's currency: its lower limit. */
function leastOf({ impPagado, equivalenciaDR }: ImportesDeDocto, count: number): Exact {
  const decimals = count > 1 && equivalenciaDR === '1' ? DECIMALS_OF_ONE : decimalsOf(equivalenciaDR);
  const most = new Exact(equivalenciaDR).plus(halfPlace(decimals)).minus(HAIR);
  return new Exact(impPagado).minus(halfPlace(decimalsOf(impPagado))).div(most);
}

function halfPlace(decimals: number): Exact {
  return new Exact(10).pow(-decimals).div(2);
}

function decimalsOf(written: string): number {
  return written.includes('.') ? written.length - written.indexOf('.') - 1 : 0;
}

function judgeDoctos(juicio: Juicio, pago: Pago, { doctos }: ImportesDePago, path: string): void {
  for (const [index, docto] of pago.doctosRelacionados.entries()) {
    const figures = doctos[index];
    if (figures !== undefined) judgeDocto(juicio, docto, figures, `${path}.doctosRelacionados[${index}]`);
  }
}

function judgeDocto(juicio: Juicio, docto: DoctoRelacionado, figures: ImportesDeDocto, path: string): void {
  agree(juicio, `${path}.impSaldoInsoluto`, docto.impSaldoInsoluto, figures.impSaldoInsoluto);
  for (const side of ['trasladosDR', 'retencionesDR'] as const) {
    const asked: readonly ImpuestoDr[] = docto.impuestosDR?.[side] ?? [];
    for (const [index, { importeDR }] of asked.entries()) {
      const where = `${path}.impuestosDR.${side}[${index}].importeDR`;
      agree(juicio, where, importeDR, figures[side][index]?.importeDR ?? '0');
    }
  }
}
