import { z } from 'zod';

const texto = z.string();

/** One tax of a paid document, in that document's currency. */
const impuestoDrSchema = z.strictObject({
  baseDR: texto,
  impuestoDR: texto,
  tipoFactorDR: texto,
  tasaOCuotaDR: texto.optional(),
  importeDR: texto.optional(),
});

const doctoRelacionadoSchema = z.strictObject({
  idDocumento: texto,
  serie: texto.optional(),
  folio: texto.optional(),
  monedaDR: texto,
  equivalenciaDR: texto.optional(),
  numParcialidad: texto,
  impSaldoAnt: texto,
  impPagado: texto,
  impSaldoInsoluto: texto.optional(),
  objetoImpDR: texto,
  impuestosDR: z
    .strictObject({
      trasladosDR: z.array(impuestoDrSchema).optional(),
      retencionesDR: z.array(impuestoDrSchema).optional(),
    })
    .optional(),
});

const pagoSchema = z.strictObject({
  fechaPago: texto,
  formaDePagoP: texto,
  monedaP: texto,
  tipoCambioP: texto.optional(),
  monto: texto,
  numOperacion: texto.optional(),
  rfcEmisorCtaOrd: texto.optional(),
  nomBancoOrdExt: texto.optional(),
  ctaOrdenante: texto.optional(),
  rfcEmisorCtaBen: texto.optional(),
  ctaBeneficiario: texto.optional(),
  tipoCadPago: texto.optional(),
  certPago: texto.optional(),
  cadPago: texto.optional(),
  selloPago: texto.optional(),
  doctosRelacionados: z.array(doctoRelacionadoSchema),
});

/**
 * The shape of the payments that a comprobante of tipo P tells of (complemento Pagos 2.0): names and JSON types only.
 * What can be computed (balance left, tax amounts, summaries, totals) may be left out.
 */
export const pagosSchema = z.array(pagoSchema);

/** One payment received, as handed over. Amounts are decimal strings in `monedaP`. */
export type Pago = z.infer<typeof pagoSchema>;
/** One document that a payment pays, wholly or in part. Amounts are decimal strings in `monedaDR`. */
export type DoctoRelacionado = z.infer<typeof doctoRelacionadoSchema>;
/** One tax of a paid document, as handed over. */
export type ImpuestoDr = z.infer<typeof impuestoDrSchema>;
