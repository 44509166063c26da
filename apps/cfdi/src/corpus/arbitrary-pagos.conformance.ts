import {
  calculaPagos,
  Exact,
  type Documento,
  type DoctoRelacionado,
  type ImpuestoDr,
  type Pago,
} from '@nexora/comprobante';
import fc from 'fast-check';
import { digitos, quizas, texto } from './arbitrary-texts.conformance.ts';

const CURRENCIES = { MXN: 2, USD: 2, EUR: 2, JPY: 0, KWD: 3, CLF: 4 } as const;
type Moneda = keyof typeof CURRENCIES;
const moneda = fc.constantFrom(...(Object.keys(CURRENCIES) as Moneda[]), 'MXN' as const, 'USD' as const);

/** A figure above zero of at most so many decimals, at times with zeros behind. */
const cifra = (decimals: number): fc.Arbitrary<string> =>
  fc.tuple(fc.integer({ min: 1, max: 9_999_999 }), fc.constantFrom('', '0', '00')).map(([units, zeros]) => {
    const figure = new Exact(units).div(10 ** decimals).toFixed(decimals);
    return decimals === 0 ? figure : `${figure}${zeros.slice(0, 6 - decimals)}`;
  });

const tasa = (impuestoDR: string, tasas: readonly string[]): fc.Arbitrary<Omit<ImpuestoDr, 'baseDR'>> =>
  fc.constantFrom(...tasas).map((tasaOCuotaDR) => ({ impuestoDR, tipoFactorDR: 'Tasa', tasaOCuotaDR }));
const traslado = fc
  .record({
    baseDR: cifra(6),
    tax: fc.oneof(
      { weight: 5, arbitrary: tasa('002', ['0.160000', '0.16', '0.080000', '0']) },
      { weight: 2, arbitrary: fc.constant({ impuestoDR: '002', tipoFactorDR: 'Exento' }) },
      { weight: 2, arbitrary: tasa('003', ['0.265000', '0.080000', '1.600000']) },
      { weight: 1, arbitrary: fc.constant({ impuestoDR: '003', tipoFactorDR: 'Cuota', tasaOCuotaDR: '6.754000' }) },
    ),
  })
  .map(({ baseDR, tax }): ImpuestoDr => ({ baseDR, ...tax }));
const retencion = fc
  .record({
    baseDR: cifra(6),
    tax: fc.oneof(tasa('001', ['0.100000', '0.0125', '0.35']), tasa('002', ['0.106667', '0.04', '0.160000'])),
  })
  .map(({ baseDR, tax }): ImpuestoDr => ({ baseDR, ...tax }));

/** Taxes as its ObjetoImpDR wants them. */
const objeto: fc.Arbitrary<Pick<DoctoRelacionado, 'objetoImpDR' | 'impuestosDR'>> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      objetoImpDR: fc.constant('02'),
      impuestosDR: fc.record({
        trasladosDR: fc.array(traslado, { minLength: 1, maxLength: 4 }),
        retencionesDR: quizas(fc.array(retencion, { maxLength: 3 })),
      }),
    }),
  },
  { weight: 2, arbitrary: fc.constantFrom('01', '03', '04', '05', '06', '08').map((objetoImpDR) => ({ objetoImpDR })) },
);
const idDocumento = fc.oneof(
  { weight: 9, arbitrary: fc.uuid().chain((one) => fc.constantFrom(one, one.toUpperCase())) },
  { weight: 1, arbitrary: fc.tuple(digitos(3), digitos(2), digitos(9)).map((parts) => parts.join('-')) },
);

function docto(monedaP: Moneda): fc.Arbitrary<DoctoRelacionado> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(monedaP) }, { weight: 2, arbitrary: moneda }).chain((monedaDR) =>
    fc
      .record({
        head: fc.record({
          idDocumento,
          serie: quizas(texto(25)),
          folio: quizas(texto(40)),
          numParcialidad: fc.integer({ min: 1, max: 999 }).map(String),
        }),
        rate: fc.integer({ min: 1, max: 10 ** 9 }).map((units) => new Exact(units).div(10 ** 6).toFixed()),
        paid: cifra(CURRENCIES[monedaDR]),
        owed: quizas(cifra(CURRENCIES[monedaDR])),
        objeto,
      })
      .map(({ head, rate, paid, owed, objeto: taxes }) => ({
        ...head,
        monedaDR,
        equivalenciaDR: monedaDR === monedaP ? undefined : rate,
        impSaldoAnt: new Exact(paid).plus(owed ?? 0).toFixed(CURRENCIES[monedaDR]),
        impPagado: paid,
        ...taxes,
      })),
  );
}

const spei = fc.record({
  tipoCadPago: fc.constant('01'),
  certPago: fc.constant('TUlJQ2VydA=='),
  cadPago: texto(200).map((text) => `||1|${text}|116.00||`),
  selloPago: fc.constant('QUJDRA=='),
});
const banco = fc.oneof(
  fc.record({ rfcEmisorCtaOrd: fc.constantFrom('BNM840515VB1', 'Ñ&M840515VB1') }),
  fc.record({ rfcEmisorCtaOrd: fc.constant('XEXX010101000'), nomBancoOrdExt: texto(300) }),
);
const bancos = fc
  .record({
    from: quizas(banco),
    ctaOrdenante: quizas(digitos(18)),
    rfcEmisorCtaBen: quizas(fc.constant('BSM970519DU8')),
    ctaBeneficiario: quizas(digitos(10)),
    proof: quizas(spei),
  })
  .map(({ from, proof, ...rest }) => ({ ...rest, ...from, ...proof }));
const forma = fc.oneof(
  { weight: 2, arbitrary: fc.record({ formaDePagoP: fc.constantFrom('01', '17', '28', '04') }) },
  { weight: 3, arbitrary: bancos.map((one) => ({ formaDePagoP: '03', ...one })) },
);

/** What was received covers what is paid, at times with something over. */
function covered(pago: Pago, over: string, monedaP: Moneda): Pago {
  const decimals = CURRENCIES[monedaP];
  const paid = pago.doctosRelacionados.reduce(
    (sum, { impPagado, equivalenciaDR }) => sum.plus(new Exact(impPagado).div(equivalenciaDR ?? 1)),
    new Exact(0),
  );
  return { ...pago, monto: paid.plus(over).toDecimalPlaces(decimals, Exact.ROUND_UP).toFixed(decimals) };
}

const pago: fc.Arbitrary<Pago> = moneda.chain((monedaP) =>
  fc
    .record({
      head: fc.record({
        fechaPago: fc.constantFrom('2026-11-20T12:00:00', '2026-11-21T00:00:00', '2024-02-29T23:59:59'),
        tipoCambioP: monedaP === 'MXN' ? quizas(fc.constantFrom('1', '1.000000')) : cifra(6),
        numOperacion: quizas(texto(100)),
      }),
      forma,
      over: fc.constantFrom('0', '0', '0.01', '100'),
      doctosRelacionados: fc.array(docto(monedaP), { minLength: 1, maxLength: 4 }),
    })
    .map(({ head, forma: how, over, doctosRelacionados }) =>
      covered({ ...head, ...how, monedaP, monto: '', doctosRelacionados }, over, monedaP),
    ),
);

/** The caller sends what the house computes too; it must agree. */
function computed(pagos: readonly Pago[]): Pago[] {
  const figures = calculaPagos({ pagos: [...pagos] }).pagos;
  return pagos.map((one, index) => ({
    ...one,
    doctosRelacionados: one.doctosRelacionados.map((paid, at) => ({
      ...paid,
      impSaldoInsoluto: `${figures[index]!.doctos[at]!.impSaldoInsoluto}`,
      impuestosDR: paid.impuestosDR && {
        trasladosDR: paid.impuestosDR.trasladosDR?.map((tax, line) => ({
          ...tax,
          importeDR: figures[index]!.doctos[at]!.trasladosDR[line]!.importeDR ?? undefined,
        })),
        retencionesDR: paid.impuestosDR.retencionesDR,
      },
    })),
  }));
}

/** Random comprobantes of payments that the rules let pass. */
export const comprobanteDePago: fc.Arbitrary<Documento> = fc
  .record({
    pagos: fc.array(pago, { minLength: 1, maxLength: 3 }),
    isComputed: fc.boolean(),
    rest: fc.record({
      externalId: fc.uuid(),
      emisor: fc.constantFrom('EKU9003173C9', 'CACX7605101P8', 'H&E951128469', 'OÑO120726RX3', 'IAÑL750210963'),
      tipo: fc.constant('P'),
      serie: quizas(texto(25)),
      folio: quizas(texto(40)),
      lugarExpedicion: fc.constantFrom('42501', '06002', '22000', '77500'),
      moneda: quizas(fc.constant('XXX')),
      exportacion: fc.constant('01'),
      receptor: fc.record({
        rfc: fc.constantFrom('CACX7605101P8', 'IAÑL750210963'),
        nombre: texto(300),
        domicilioFiscal: digitos(5),
        regimenFiscal: fc.constantFrom('612', '606'),
        usoCfdi: fc.constant('CP01'),
      }),
    }),
  })
  .map(({ pagos, isComputed, rest }) => ({ ...rest, pagos: isComputed ? computed(pagos) : pagos }));
