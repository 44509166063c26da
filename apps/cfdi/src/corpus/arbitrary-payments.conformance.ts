import { decimalesDe, Exact, type DoctoRelacionado, type ImpuestoDr, type Pago } from '@nexora/comprobante';
import fc from 'fast-check';
import { cifra, digitos, quizas, texto } from './arbitrary-texts.conformance.ts';

const MONEDAS = ['MXN', 'MXN', 'MXN', 'USD', 'EUR', 'JPY', 'KWD'];
const IVA = (tasaOCuotaDR: string): Tax => ({ impuestoDR: '002', tipoFactorDR: 'Tasa', tasaOCuotaDR });

type Tax = Omit<ImpuestoDr, 'baseDR'>;

const traslado: fc.Arbitrary<Tax> = fc.oneof(
  fc.constantFrom<Tax>(
    ...[IVA('0.160000'), IVA('0.16'), IVA('0.08'), IVA('0.000000'), { impuestoDR: '002', tipoFactorDR: 'Exento' }],
    ...['0.265000', '0.080000', '1.6'].map((tasaOCuotaDR) => ({
      impuestoDR: '003',
      tipoFactorDR: 'Tasa',
      tasaOCuotaDR,
    })),
  ),
  fc
    .integer({ min: 1, max: 72_160_500 })
    .map((rate) => ({ impuestoDR: '003', tipoFactorDR: 'Cuota', tasaOCuotaDR: (rate / 1_000_000).toFixed(6) })),
);
const retencion: fc.Arbitrary<Tax> = fc
  .record({ impuestoDR: fc.constantFrom('001', '002', '003'), rate: fc.integer({ min: 1, max: 160_000 }) })
  .map(({ impuestoDR, rate }) => ({ impuestoDR, tipoFactorDR: 'Tasa', tasaOCuotaDR: rateOf(impuestoDR, rate) }));

/** ISR and IVA are withheld at any rate up to a limit, IEPS at some few. */
function rateOf(impuesto: string, millionths: number): string {
  return impuesto === '003' ? '0.265000' : (millionths / 1_000_000).toFixed(6);
}

/** At most one tax of a sort, each with a base of its own. */
function taxes(one: fc.Arbitrary<Tax>): fc.Arbitrary<ImpuestoDr[]> {
  return fc.uniqueArray(
    fc.tuple(one, cifra(6)).map(([tax, baseDR]) => ({ ...tax, baseDR })),
    {
      maxLength: 3,
      selector: ({ impuestoDR, tipoFactorDR, tasaOCuotaDR }) => `${impuestoDR} ${tipoFactorDR} ${Number(tasaOCuotaDR)}`,
    },
  );
}

/** Between the currencies of document and payment: given where they differ, at times where they are the same. */
function equivalencia(monedaDR: string, monedaP: string): fc.Arbitrary<string | undefined> {
  if (monedaDR === monedaP) return fc.constantFrom(undefined, '1', '1.0000000000');
  return fc.bigInt({ min: 10n ** 8n, max: 99n * 10n ** 10n }).map((value) => new Exact(value).div('1e10').toFixed());
}

function docto(monedaP: string): fc.Arbitrary<DoctoRelacionado> {
  return fc.constantFrom(monedaP, monedaP, ...MONEDAS).chain((monedaDR) =>
    fc
      .record({
        idDocumento: fc.oneof(
          fc.uuid(),
          fc.uuid().map((one) => one.toUpperCase()),
        ),
        serie: quizas(texto(25)),
        folio: quizas(texto(40)),
        monedaDR: fc.constant(monedaDR),
        equivalenciaDR: equivalencia(monedaDR, monedaP),
        numParcialidad: fc.constantFrom('1', '2', '10', '999'),
        impPagado: enMoneda(monedaDR, 6),
        left: fc.oneof(fc.constant('0'), enMoneda(monedaDR, 6)),
        saysLeft: fc.boolean(),
        trasladosDR: taxes(traslado),
        retencionesDR: quizas(taxes(retencion), 4),
        objetoImpDR: fc.constantFrom('01', '03', '04'),
      })
      .map(({ left, saysLeft, trasladosDR, retencionesDR, objetoImpDR, ...rest }) => ({
        ...rest,
        impSaldoAnt: new Exact(rest.impPagado).plus(left).toFixed(),
        impSaldoInsoluto: saysLeft ? new Exact(left).toFixed(6) : undefined,
        ...(trasladosDR.length === 0
          ? { objetoImpDR }
          : { objetoImpDR: '02', impuestosDR: { trasladosDR, retencionesDR } }),
      })),
  );
}

const base64 = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('base64'));

/** What each way of payment may tell of the banks. */
const bancos: fc.Arbitrary<Partial<Pago> & Pick<Pago, 'formaDePagoP'>> = fc.oneof(
  fc.record({ formaDePagoP: fc.constantFrom('01', '08', '12') }),
  fc
    .record({
      formaDePagoP: fc.constant('03'),
      rfcEmisorCtaOrd: quizas(fc.constantFrom('BBA830831LJ2', 'XEXX010101000')),
      nomBancoOrdExt: texto(300),
      ctaOrdenante: quizas(fc.oneof(digitos(10), digitos(16), digitos(18))),
      rfcEmisorCtaBen: quizas(fc.constant('BNM840515VB1')),
      ctaBeneficiario: quizas(digitos(18)),
      cadena: quizas(
        fc.record({
          tipoCadPago: fc.constant('01'),
          certPago: base64,
          cadPago: texto(300).map((one) => `||1|${one}|${one}||`),
          selloPago: base64,
        }),
        4,
      ),
    })
    .map(({ cadena, ...rest }) => ({ ...rest, ...cadena })),
  fc.record({
    formaDePagoP: fc.constantFrom('04', '28'),
    rfcEmisorCtaOrd: quizas(fc.constant('BBA830831LJ2')),
    ctaOrdenante: quizas(digitos(16)),
    rfcEmisorCtaBen: quizas(fc.constant('BNM840515VB1')),
  }),
);

const pago: fc.Arbitrary<Pago> = fc.constantFrom(...MONEDAS).chain((monedaP) =>
  fc
    .record({
      fechaPago: fc.constantFrom('2026-11-20T12:00:00', '2026-02-28T23:59:59', '2024-02-29T00:00:00'),
      bank: bancos,
      monedaP: fc.constant(monedaP),
      tipoCambioP: monedaP === 'MXN' ? fc.constantFrom(undefined, '1', '1.000000') : cifra(2),
      numOperacion: quizas(texto(100)),
      doctosRelacionados: fc.array(docto(monedaP), { minLength: 1, maxLength: 4 }),
      more: fc.oneof(fc.constant('0'), enMoneda(monedaP, 3)),
    })
    .map(({ bank, more, ...rest }) => ({ ...rest, ...bank, monto: montoOf(rest.doctosRelacionados, monedaP, more) })),
);

/** What the documents take, rounded up, and something that is left over. */
function montoOf(doctos: readonly DoctoRelacionado[], monedaP: string, more: string): string {
  const decimals = decimalesDe(monedaP) ?? 2;
  const paid = doctos.reduce(
    (sum, one) => sum.plus(new Exact(one.impPagado).div(one.equivalenciaDR ?? 1)),
    new Exact(more),
  );
  return paid.toDecimalPlaces(decimals, Exact.ROUND_UP).toFixed();
}

function enMoneda(moneda: string, wholeDigits: number): fc.Arbitrary<string> {
  return cifra(wholeDigits, decimalesDe(moneda));
}

/** The payments of a comprobante of tipo P. */
export const pagos: fc.Arbitrary<Pago[]> = fc.array(pago, { minLength: 1, maxLength: 3 });
