import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ejemploDeDocto, ejemploDePago } from './pagos-ejemplo.ts';
import type { ImportesDePago } from './pagos-figuras.ts';
import { calculaPagos } from './pagos-importes.ts';
import type { DoctoRelacionado, ImpuestoDr, Pago } from './pagos.schema.ts';

const SEED = Number(process.env['NEXORA_SEED'] ?? Date.now() % 2 ** 31);

/* The reference: fractions of whole numbers, so that it shares no decimal library with what it judges. */
type Fraction = readonly [over: bigint, under: bigint];
const fraction = (text: string): Fraction => {
  const [whole = '0', decimals = ''] = text.split('.');
  return [BigInt(whole + decimals), 10n ** BigInt(decimals.length)];
};
const plus = ([a, b]: Fraction, [c, d]: Fraction): Fraction => [a * d + c * b, b * d];
const times = ([a, b]: Fraction, [c, d]: Fraction): Fraction => [a * c, b * d];
const over = (a: Fraction, [c, d]: Fraction): Fraction => times(a, [d, c]);
const total = (all: readonly Fraction[]): Fraction => all.reduce(plus, [0n, 1n]);
const cut = ([a, b]: Fraction, places: number): bigint => (a * 10n ** BigInt(places)) / b;
const rounded = ([a, b]: Fraction, places: number): bigint => (2n * a * 10n ** BigInt(places) + b) / (2n * b);
const places = (units: bigint, count: number): Fraction => [units, 10n ** BigInt(count)];
const equal = ([a, b]: Fraction, [c, d]: Fraction): boolean => a * d === c * b;

/** What every PAC takes: the most decimals, of 6 to 2, at which cutting and rounding agree, else rounded to 6. */
function summed(exact: Fraction, monedaP: string): Fraction {
  for (const count of monedaP === 'KWD' ? [6, 5, 4, 3] : [6, 5, 4, 3, 2]) {
    if (cut(exact, count) === rounded(exact, count)) return places(cut(exact, count), count);
  }
  return places(rounded(exact, 6), 6);
}

/** The taxes of one sort in one payment, in its currency; `importe` is missing where they are exempt. */
function partsOf(pago: Pago, side: 'trasladosDR' | 'retencionesDR', isOfSort: (tax: ImpuestoDr) => boolean) {
  return pago.doctosRelacionados.flatMap((docto) => {
    const by = fraction(docto.monedaDR === pago.monedaP ? '1' : docto.equivalenciaDR!);
    const taxes = (docto.impuestosDR?.[side] ?? []).filter(isOfSort);
    return taxes.map(({ baseDR, tasaOCuotaDR }) => ({
      base: over(fraction(baseDR), by),
      importe: over(places(rounded(times(fraction(baseDR), fraction(tasaOCuotaDR ?? '0')), 6), 6), by),
    }));
  });
}
const bases = (parts: ReturnType<typeof partsOf>): Fraction[] => parts.map(({ base }) => base);
const importes = (parts: ReturnType<typeof partsOf>): Fraction[] => parts.map(({ importe }) => importe);

function expectFigure(written: string | null | undefined, parts: readonly Fraction[], monedaP: string): void {
  if (parts.length === 0) expect(written ?? null).toBeNull();
  else expect([written, equal(fraction(written ?? '-1'), summed(total(parts), monedaP))]).toEqual([written, true]);
}

/** A total in pesos: what each payment writes × its rate, rounded once. */
function expectTotal(
  written: string | null,
  pagos: readonly Pago[],
  partsIn: (pago: Pago) => readonly Fraction[],
): void {
  const inPesos = pagos.flatMap((pago) => {
    const parts = partsIn(pago);
    return parts.length === 0 ? [] : [times(summed(total(parts), pago.monedaP), fraction(pago.tipoCambioP!))];
  });
  if (inPesos.length === 0) expect(written).toBeNull();
  else expect(fraction(written ?? '-1')).toEqual([rounded(total(inPesos), 2), 100n]);
}

const written = (units: bigint, decimals: number): string => {
  const digits = units.toString().padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
};
const micros = fc.bigInt({ min: 1n, max: 10n ** 13n }).map((units) => written(units, 6));
const cents = fc.bigInt({ min: 1n, max: 10n ** 9n }).map((units) => written(units, 2));
const TASAS = ['0.160000', '0.080000', '0.000000'] as const;
const traslado: fc.Arbitrary<ImpuestoDr> = fc
  .record({ baseDR: micros, tasa: fc.constantFrom(...TASAS, undefined) })
  .map(({ baseDR, tasa }) =>
    tasa === undefined
      ? { baseDR, impuestoDR: '002', tipoFactorDR: 'Exento' }
      : { baseDR, impuestoDR: '002', tipoFactorDR: 'Tasa', tasaOCuotaDR: tasa },
  );
const retencion: fc.Arbitrary<ImpuestoDr> = fc
  .record({ baseDR: micros, impuestoDR: fc.constantFrom('001', '002'), tasa: fc.constantFrom('0.106667', '0.0125') })
  .map(({ baseDR, impuestoDR, tasa }) => ({ baseDR, impuestoDR, tipoFactorDR: 'Tasa', tasaOCuotaDR: tasa }));
const docto = (monedaP: string): fc.Arbitrary<DoctoRelacionado> =>
  fc
    .record({
      isForeign: fc.boolean(),
      equivalencia: fc.bigInt({ min: 1n, max: 10n ** 12n }).map((units) => written(units, 10)),
      impSaldoAnt: cents,
      trasladosDR: fc.array(traslado, { maxLength: 4 }),
      retencionesDR: fc.array(retencion, { maxLength: 3 }),
    })
    .map(({ isForeign, equivalencia, impSaldoAnt, trasladosDR, retencionesDR }) => {
      const [monedaDR, equivalenciaDR] = isForeign ? ['MXN', equivalencia] : [monedaP, undefined];
      const impuestosDR = { trasladosDR, retencionesDR };
      return ejemploDeDocto({ monedaDR, equivalenciaDR, impSaldoAnt, impPagado: impSaldoAnt, impuestosDR });
    });
const pago: fc.Arbitrary<Pago> = fc.constantFrom('USD', 'JPY', 'KWD').chain((monedaP) =>
  fc
    .record({
      tipoCambioP: fc.constantFrom('18', '18.5', '17.123456', '0.000001'),
      monto: monedaP === 'JPY' ? cents.map((figure) => figure.slice(0, -3)).filter((figure) => figure !== '0') : cents,
      doctosRelacionados: fc.array(docto(monedaP), { minLength: 1, maxLength: 4 }),
    })
    .map((made) => ejemploDePago({ monedaP, ...made })),
);

const withTasa =
  (tasa: string | undefined) =>
  (tax: ImpuestoDr): boolean =>
    tax.tasaOCuotaDR === tasa;
const ofImpuesto =
  (impuesto: string) =>
  (tax: ImpuestoDr): boolean =>
    tax.impuestoDR === impuesto;

function expectPayment(figures: ImportesDePago, asked: Pago): void {
  for (const tasa of [...TASAS, undefined]) {
    const lines = figures.trasladosP.filter(({ tasaOCuotaP }) => tasaOCuotaP === (tasa ?? null));
    const parts = partsOf(asked, 'trasladosDR', withTasa(tasa));
    expect(lines.length).toBe(Math.min(1, parts.length));
    expectFigure(lines[0]?.baseP, bases(parts), asked.monedaP);
    if (tasa !== undefined) expectFigure(lines[0]?.importeP, importes(parts), asked.monedaP);
  }
  for (const impuesto of ['001', '002']) {
    const lines = figures.retencionesP.filter(({ impuestoP }) => impuestoP === impuesto);
    const parts = partsOf(asked, 'retencionesDR', ofImpuesto(impuesto));
    expect(lines.length).toBe(Math.min(1, parts.length));
    expectFigure(lines[0]?.importeP, importes(parts), asked.monedaP);
  }
}

describe(`calculaPagos against arithmetic of whole numbers (seed ${SEED})`, () => {
  it('agrees to the last digit on every figure of every payment', () => {
    fc.assert(
      fc.property(fc.array(pago, { minLength: 1, maxLength: 3 }), (pagos) => {
        const computed = calculaPagos({ pagos });
        for (const [index, asked] of pagos.entries()) expectPayment(computed.pagos[index]!, asked);
      }),
      { seed: SEED },
    );
  });

  it('agrees to the cent on every total', () => {
    const traslados = (tasa: string | undefined) => (one: Pago) => partsOf(one, 'trasladosDR', withTasa(tasa));
    const withheld = (impuesto: string) => (one: Pago) => importes(partsOf(one, 'retencionesDR', ofImpuesto(impuesto)));
    fc.assert(
      fc.property(fc.array(pago, { minLength: 1, maxLength: 3 }), (pagos) => {
        const { totales } = calculaPagos({ pagos });
        expectTotal(totales.totalTrasladosBaseIVA16, pagos, (one) => bases(traslados('0.160000')(one)));
        expectTotal(totales.totalTrasladosImpuestoIVA16, pagos, (one) => importes(traslados('0.160000')(one)));
        expectTotal(totales.totalTrasladosBaseIVA8, pagos, (one) => bases(traslados('0.080000')(one)));
        expectTotal(totales.totalTrasladosImpuestoIVA8, pagos, (one) => importes(traslados('0.080000')(one)));
        expectTotal(totales.totalTrasladosBaseIVA0, pagos, (one) => bases(traslados('0.000000')(one)));
        expectTotal(totales.totalTrasladosImpuestoIVA0, pagos, (one) => importes(traslados('0.000000')(one)));
        expectTotal(totales.totalTrasladosBaseIVAExento, pagos, (one) => bases(traslados(undefined)(one)));
        expectTotal(totales.totalRetencionesISR, pagos, withheld('001'));
        expectTotal(totales.totalRetencionesIVA, pagos, withheld('002'));
        expectTotal(totales.montoTotalPagos, pagos, ({ monto }) => [fraction(monto)]);
      }),
      { seed: SEED },
    );
  });
});
