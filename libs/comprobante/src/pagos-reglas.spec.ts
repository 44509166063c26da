import { describe, expect, it } from '@jest/globals';
import type { Documento } from './documento.ts';
import type { Falta } from './falta.ts';
import { Juicio } from './juicio.ts';
import { ejemploDeDocto, ejemploDePago, ejemploDePagos } from './pagos-ejemplo.ts';
import { judgePagos, MOST_DOCTOS } from './pagos-reglas.ts';
import type { DoctoRelacionado, ImpuestoDr, Pago } from './pagos.schema.ts';

const DAY = '2026-11-21';

function judge(documento: Documento, today = DAY): readonly Falta[] {
  const juicio = new Juicio();
  judgePagos(juicio, documento, DAY, today);
  return juicio.faltas;
}
const ofPago = (changes: Partial<Pago>): readonly Falta[] => judge(ejemploDePagos(ejemploDePago(changes)));
const ofDocto = (changes: Partial<DoctoRelacionado>, pago: Partial<Pago> = {}): readonly Falta[] =>
  ofPago({ ...pago, doctosRelacionados: [ejemploDeDocto(changes)] });
const iva: ImpuestoDr = { baseDR: '100.00', impuestoDR: '002', tipoFactorDR: 'Tasa', tasaOCuotaDR: '0.160000' };
const ieps: ImpuestoDr = { ...iva, impuestoDR: '003', tasaOCuotaDR: '0.080000' };
const isr: ImpuestoDr = { ...iva, impuestoDR: '001', tasaOCuotaDR: '0.100000' };
const ofTraslado = (changes: Partial<ImpuestoDr>): readonly Falta[] =>
  ofDocto({ impuestosDR: { trasladosDR: [{ ...iva, ...changes }] } });
const ofRetencion = (changes: Partial<ImpuestoDr>): readonly Falta[] =>
  ofDocto({ impuestosDR: { trasladosDR: [iva], retencionesDR: [{ ...isr, ...changes }] } });

const PAGO = 'pagos[0]';
const DOCTO = `${PAGO}.doctosRelacionados[0]`;
const TRASLADO = `${DOCTO}.impuestosDR.trasladosDR[0]`;
const RETENCION = `${DOCTO}.impuestosDR.retencionesDR[0]`;
const usd = { monedaP: 'USD', tipoCambioP: '18.5', monto: '62.71' } as const;
const proof = { tipoCadPago: '01', certPago: 'TUlJ', cadPago: '||1|SPEI|116.00||', selloPago: 'QUJD' } as const;

describe('payments that the rules let pass', () => {
  it.each<[string, Partial<Pago>]>([
    ['the example', {}],
    ['at this very day', { fechaPago: '2026-11-21T23:59:59' }],
    ['in cash', { formaDePagoP: '01' }],
    [
      'from a CLABE to a CLABE',
      {
        rfcEmisorCtaOrd: 'BNM840515VB1',
        ctaOrdenante: '0'.repeat(18),
        rfcEmisorCtaBen: 'BSM970519DU8',
        ctaBeneficiario: '0'.repeat(18),
      },
    ],
    ['from a bank abroad', { rfcEmisorCtaOrd: 'XEXX010101000', nomBancoOrdExt: 'BANK OF TEXAS' }],
    ['with the proof of the bank', proof],
    ['with a seal of any length', { ...proof, selloPago: 'JB8S0lXJaA==', certPago: 'TUE=' }],
    ['with an exchange rate of 1 for pesos', { tipoCambioP: '1.00' }],
    [
      'with figures that agree',
      {
        doctosRelacionados: [
          ejemploDeDocto({
            impSaldoInsoluto: '0',
            equivalenciaDR: '1.0',
            impuestosDR: { trasladosDR: [{ ...iva, importeDR: '16' }] },
          }),
        ],
      },
    ],
    ['of more than what is owed', { monto: '500.00' }],
    ['of a document of the customs', { doctosRelacionados: [ejemploDeDocto({ idDocumento: '123-45-678901234' })] }],
    [
      'in dollars for pesos',
      {
        ...usd,
        doctosRelacionados: [ejemploDeDocto({ equivalenciaDR: '18.5', impSaldoAnt: '1160', impPagado: '1160' })],
      },
    ],
    // 5137.42 USD paid with 96,426.29 MXN: 5137.42 ÷ 0.053278 = 96426.67, more than received, yet within the limits.
    [
      'in pesos for dollars, within what the decimals of the rate leave open',
      {
        monto: '96426.29',
        doctosRelacionados: [
          ejemploDeDocto({ monedaDR: 'USD', equivalenciaDR: '0.053278', impSaldoAnt: '5137.42', impPagado: '5137.42' }),
        ],
      },
    ],
    ['that owes no tax', { doctosRelacionados: [ejemploDeDocto({ objetoImpDR: '01', impuestosDR: undefined })] }],
    [
      'that passes IEPS on alone',
      { doctosRelacionados: [ejemploDeDocto({ objetoImpDR: '07', impuestosDR: { trasladosDR: [ieps] } })] },
    ],
    [
      'that has ISR withheld alone',
      { doctosRelacionados: [ejemploDeDocto({ objetoImpDR: '06', impuestosDR: { retencionesDR: [isr] } })] },
    ],
    [
      'that is exempt',
      {
        doctosRelacionados: [
          ejemploDeDocto({
            impuestosDR: { trasladosDR: [{ baseDR: '116', impuestoDR: '002', tipoFactorDR: 'Exento' }] },
          }),
        ],
      },
    ],
  ])('takes a payment %s', (_what, changes) => {
    expect(ofPago(changes)).toEqual([]);
  });

  it('takes several payments, and one that takes the place of another', () => {
    const relacionados = [{ tipoRelacion: '04', uuids: ['5fb2822e-396d-4725-8521-cdc4bdd20ccf'] }];
    expect(judge({ ...ejemploDePagos(ejemploDePago(), ejemploDePago({ formaDePagoP: '01' })), relacionados })).toEqual(
      [],
    );
  });

  it('takes a payment received today where the place of issue is ahead of the capital', () => {
    const documento = ejemploDePagos(ejemploDePago({ fechaPago: '2026-11-22T00:10:00' }));
    expect(judge(documento, '2026-11-22')).toEqual([]);
  });
});

describe('payments that the rules refuse, naming the field', () => {
  it.each<[string, Partial<Pago>, string, string]>([
    ['no time', { fechaPago: '2026-11-20' }, 'fechaPago', 'cfdi.pattern'],
    ['a zone', { fechaPago: '2026-11-20T12:00:00Z' }, 'fechaPago', 'cfdi.pattern'],
    ['a day that no month has', { fechaPago: '2026-02-30T12:00:00' }, 'fechaPago', 'cfdi.pattern'],
    ['tomorrow', { fechaPago: '2026-11-22T00:00:00' }, 'fechaPago', 'cfdi.range'],
    ['a way of payment that is none', { formaDePagoP: '07' }, 'formaDePagoP', 'cfdi.catalogue'],
    ['a way of payment to be told later', { formaDePagoP: '99' }, 'formaDePagoP', 'cfdi.forbidden'],
    ['no currency', { monedaP: 'XXX' }, 'monedaP', 'cfdi.catalogue'],
    ['a currency that is none', { monedaP: 'ABC' }, 'monedaP', 'cfdi.catalogue'],
    ['pesos at 18', { tipoCambioP: '18' }, 'tipoCambioP', 'cfdi.range'],
    ['nothing', { monto: '0' }, 'monto', 'cfdi.range'],
    ['an amount below zero', { monto: '-116' }, 'monto', 'cfdi.pattern'],
    ['tenths of a cent', { monto: '116.001' }, 'monto', 'cfdi.pattern'],
    ['less than what it pays', { monto: '115.99' }, 'monto', 'cfdi.sum'],
    ['a bar in the number of the operation', { numOperacion: 'a|b' }, 'numOperacion', 'cfdi.character'],
    ['an empty number of the operation', { numOperacion: ' ' }, 'numOperacion', 'cfdi.length'],
    ['the RFC of a person as bank', { rfcEmisorCtaOrd: 'CACX7605101P8' }, 'rfcEmisorCtaOrd', 'cfdi.pattern'],
    ['a foreign bank as receiver', { rfcEmisorCtaBen: 'XEXX010101000' }, 'rfcEmisorCtaBen', 'cfdi.pattern'],
    [
      'a bank behind cash',
      { formaDePagoP: '01', rfcEmisorCtaOrd: 'BNM840515VB1' },
      'rfcEmisorCtaOrd',
      'cfdi.forbidden',
    ],
    ['an account behind cash', { formaDePagoP: '01', ctaOrdenante: '0'.repeat(18) }, 'ctaOrdenante', 'cfdi.forbidden'],
    [
      'an account that takes cash',
      { formaDePagoP: '01', ctaBeneficiario: '0'.repeat(18) },
      'ctaBeneficiario',
      'cfdi.forbidden',
    ],
    [
      'a bank that takes cash',
      { formaDePagoP: '01', rfcEmisorCtaBen: 'BNM840515VB1' },
      'rfcEmisorCtaBen',
      'cfdi.forbidden',
    ],
    ['a bank abroad without its name', { rfcEmisorCtaOrd: 'XEXX010101000' }, 'nomBancoOrdExt', 'cfdi.required'],
    ['a CLABE of 17 digits', { ctaOrdenante: '0'.repeat(17) }, 'ctaOrdenante', 'cfdi.pattern'],
    ['a card of 15 digits', { formaDePagoP: '04', ctaOrdenante: '0'.repeat(15) }, 'ctaOrdenante', 'cfdi.pattern'],
    ['a receiving account of 16 digits', { ctaBeneficiario: '0'.repeat(16) }, 'ctaBeneficiario', 'cfdi.pattern'],
    ['a proof of cash', { ...proof, formaDePagoP: '01' }, 'tipoCadPago', 'cfdi.forbidden'],
    ['a proof of no kind', { ...proof, tipoCadPago: '02' }, 'tipoCadPago', 'cfdi.catalogue'],
    ['a proof without certificate', { ...proof, certPago: undefined }, 'certPago', 'cfdi.required'],
    ['a proof without text', { ...proof, cadPago: undefined }, 'cadPago', 'cfdi.required'],
    ['a proof without seal', { ...proof, selloPago: undefined }, 'selloPago', 'cfdi.required'],
    ['a certificate that is no base 64', { ...proof, certPago: 'ñ' }, 'certPago', 'cfdi.pattern'],
    ['an empty seal', { ...proof, selloPago: '' }, 'selloPago', 'cfdi.pattern'],
    ['a seal with bits left over before ==', { ...proof, selloPago: 'JB8S0lXJaE==' }, 'selloPago', 'cfdi.pattern'],
    ['a seal with bits left over before =', { ...proof, selloPago: 'TUF=' }, 'selloPago', 'cfdi.pattern'],
    ['an empty text', { ...proof, cadPago: ' ' }, 'cadPago', 'cfdi.length'],
    ['a text without end', { ...proof, cadPago: 'x'.repeat(8193) }, 'cadPago', 'cfdi.length'],
    ['a seal without its type', { selloPago: 'QUJD' }, 'selloPago', 'cfdi.forbidden'],
    ['no documents', { doctosRelacionados: [] }, 'doctosRelacionados', 'cfdi.required'],
  ])('%s', (_what, changes, field, code) => {
    expect(ofPago(changes)).toMatchObject([{ path: `${PAGO}.${field}`, code }]);
  });

  it.each<[string, Partial<DoctoRelacionado>, string, string]>([
    ['a folio fiscal cut short', { idDocumento: '5fb2822e' }, 'idDocumento', 'cfdi.pattern'],
    ['a series too long', { serie: 'A'.repeat(26) }, 'serie', 'cfdi.length'],
    ['a folio with a bar', { folio: '1|2' }, 'folio', 'cfdi.character'],
    ['no currency', { monedaDR: 'XXX' }, 'monedaDR', 'cfdi.catalogue'],
    ['another currency without its rate', { monedaDR: 'USD' }, 'equivalenciaDR', 'cfdi.required'],
    ['the same currency at another rate', { equivalenciaDR: '1.1' }, 'equivalenciaDR', 'cfdi.range'],
    [
      'a rate of eleven decimals',
      { monedaDR: 'USD', equivalenciaDR: '0.05405405405' },
      'equivalenciaDR',
      'cfdi.pattern',
    ],
    ['a rate of nothing', { monedaDR: 'USD', equivalenciaDR: '0.0' }, 'equivalenciaDR', 'cfdi.range'],
    ['a payment number of nought', { numParcialidad: '0' }, 'numParcialidad', 'cfdi.pattern'],
    ['a payment number of four digits', { numParcialidad: '1000' }, 'numParcialidad', 'cfdi.pattern'],
    ['no balance', { impSaldoAnt: '0' }, 'impSaldoAnt', 'cfdi.range'],
    ['a balance in tenths of a cent', { impSaldoAnt: '116.001' }, 'impSaldoAnt', 'cfdi.pattern'],
    ['nothing paid', { impPagado: '0.00' }, 'impPagado', 'cfdi.range'],
    ['more paid than owed', { impSaldoAnt: '115.99' }, 'impPagado', 'cfdi.range'],
    ['a balance left that is none', { impSaldoInsoluto: '-1' }, 'impSaldoInsoluto', 'cfdi.pattern'],
    ['a balance left that is another', { impSaldoInsoluto: '1.00' }, 'impSaldoInsoluto', 'cfdi.sum'],
    ['objetoImpDR of no kind', { objetoImpDR: '09' }, 'objetoImpDR', 'cfdi.catalogue'],
    ['objetoImpDR 02 without taxes', { impuestosDR: {} }, 'impuestosDR', 'cfdi.required'],
    ['objetoImpDR 01 with taxes', { objetoImpDR: '01' }, 'impuestosDR', 'cfdi.forbidden'],
    ['objetoImpDR 05 with taxes', { objetoImpDR: '05' }, 'impuestosDR', 'cfdi.forbidden'],
    ['objetoImpDR 06 with IVA', { objetoImpDR: '06' }, 'impuestosDR', 'cfdi.forbidden'],
    [
      'objetoImpDR 07 with IVA',
      { objetoImpDR: '07', impuestosDR: { trasladosDR: [iva, ieps] } },
      'impuestosDR',
      'cfdi.forbidden',
    ],
    [
      'objetoImpDR 07 without IEPS',
      { objetoImpDR: '07', impuestosDR: { retencionesDR: [isr] } },
      'impuestosDR',
      'cfdi.required',
    ],
    [
      'objetoImpDR 08 with IVA withheld',
      { objetoImpDR: '08', impuestosDR: { retencionesDR: [{ ...isr, impuestoDR: '002' }] } },
      'impuestosDR',
      'cfdi.forbidden',
    ],
  ])('a document with %s', (_what, changes, field, code) => {
    expect(ofDocto(changes)).toMatchObject([{ path: `${DOCTO}.${field}`, code }]);
  });

  it.each<[string, readonly Falta[], string, string]>([
    ['a base of nothing', ofTraslado({ baseDR: '0' }), `${TRASLADO}.baseDR`, 'cfdi.range'],
    ['a base of seven decimals', ofTraslado({ baseDR: '1.0000001' }), `${TRASLADO}.baseDR`, 'cfdi.pattern'],
    ['ISR passed on', ofTraslado({ impuestoDR: '001' }), `${TRASLADO}.impuestoDR`, 'cfdi.catalogue'],
    ['a factor that is none', ofTraslado({ tipoFactorDR: 'tasa' }), `${TRASLADO}.tipoFactorDR`, 'cfdi.catalogue'],
    ['no rate', ofTraslado({ tasaOCuotaDR: undefined }), `${TRASLADO}.tasaOCuotaDR`, 'cfdi.required'],
    [
      'a rate that IVA does not have',
      ofTraslado({ tasaOCuotaDR: '0.15' }),
      `${TRASLADO}.tasaOCuotaDR`,
      'cfdi.catalogue',
    ],
    ['an exempt rate', ofTraslado({ tipoFactorDR: 'Exento' }), `${TRASLADO}.tasaOCuotaDR`, 'cfdi.forbidden'],
    ['an amount that is another', ofTraslado({ importeDR: '15.99' }), `${TRASLADO}.importeDR`, 'cfdi.sum'],
    [
      'an exempt retención',
      ofRetencion({ tipoFactorDR: 'Exento', tasaOCuotaDR: undefined }),
      `${RETENCION}.tipoFactorDR`,
      'cfdi.forbidden',
    ],
    ['ISR above 35 %', ofRetencion({ tasaOCuotaDR: '0.350001' }), `${RETENCION}.tasaOCuotaDR`, 'cfdi.catalogue'],
    ['an amount withheld that is another', ofRetencion({ importeDR: '9.99' }), `${RETENCION}.importeDR`, 'cfdi.sum'],
  ])('a tax with %s', (_what, found, path, code) => {
    expect(found).toMatchObject([{ path, code }]);
  });

  it('a foreign payment without its rate in pesos', () => {
    const docto = { equivalenciaDR: '18.5' };
    expect(ofDocto(docto, { ...usd, tipoCambioP: undefined })).toMatchObject([
      { path: 'pagos[0].tipoCambioP', code: 'cfdi.required' },
    ]);
    expect(ofDocto(docto, { ...usd, tipoCambioP: '0' })).toMatchObject([
      { path: 'pagos[0].tipoCambioP', code: 'cfdi.range' },
    ]);
  });

  it('no payments, and too many documents', () => {
    expect(judge({ ...ejemploDePagos(), pagos: [] })).toMatchObject([{ path: 'pagos', code: 'cfdi.required' }]);
    expect(judge({ ...ejemploDePagos(), pagos: undefined })).toMatchObject([{ path: 'pagos', code: 'cfdi.required' }]);
    const doctosRelacionados = Array.from({ length: MOST_DOCTOS + 1 }, () => ejemploDeDocto());
    expect(ofPago({ doctosRelacionados })).toMatchObject([{ path: 'pagos', code: 'cfdi.range' }]);
  });

  it('sums that no figure of a comprobante can hold', () => {
    const docto = ejemploDeDocto({
      equivalenciaDR: '0.0000000001',
      impuestosDR: { trasladosDR: [{ ...iva, baseDR: '999999999999' }] },
    });
    const found = ofPago({
      monedaP: 'USD',
      tipoCambioP: '18',
      monto: '999999999999999999',
      doctosRelacionados: [docto],
    });
    expect(found).toContainEqual(expect.objectContaining({ path: 'pagos', code: 'cfdi.range' }));
  });
});

describe('what is received and what is paid', () => {
  it('is compared in the currency of the payment, and both figures are named', () => {
    const docto = ejemploDeDocto({ equivalenciaDR: '18.5000', impSaldoAnt: '1160', impPagado: '1160' });
    // Lower limit: 1159.995 ÷ 18.5000499999 = 62.7023…; 62.69 is less.
    expect(ofPago({ ...usd, monto: '62.69', doctosRelacionados: [docto] })).toMatchObject([
      {
        path: 'pagos[0].monto',
        code: 'cfdi.sum',
        message: 'pagos[0].monto dice 62.69 y lo pagado a los documentos suma 62.71.',
      },
    ]);
  });

  it('leaves nothing open between documents of one currency', () => {
    const docto = ejemploDeDocto({
      impSaldoAnt: '58.01',
      impPagado: '58.01',
      impuestosDR: { trasladosDR: [{ ...iva, baseDR: '50.01' }] },
    });
    expect(ofPago({ monto: '116.01', doctosRelacionados: [docto, docto] })).toMatchObject([{ code: 'cfdi.sum' }]);
    expect(ofPago({ monto: '116.02', doctosRelacionados: [docto, docto] })).toEqual([]);
  });

  it('lets the rounding of one currency cover another document beside it by half a cent at most', () => {
    // 100 USD + 1160 MXN at 18.5000: 162.7027 USD; the limits sum to 99.995 + 62.7023 = 162.697.
    const doctosRelacionados = [
      ejemploDeDocto({ monedaDR: 'USD', impSaldoAnt: '100', impPagado: '100' }),
      ejemploDeDocto({ equivalenciaDR: '18.5000', impSaldoAnt: '1160', impPagado: '1160' }),
    ];
    expect(ofPago({ ...usd, monto: '162.70', doctosRelacionados })).toEqual([]);
    expect(ofPago({ ...usd, monto: '162.69', doctosRelacionados })).toMatchObject([{ code: 'cfdi.sum' }]);
  });
});

describe('what is said of a fault', () => {
  it('is a Spanish sentence with a remedy, and repeats no account, bank or text of a person', () => {
    const secrets = {
      ctaOrdenante: 'SECRETO1',
      numOperacion: 'SECRETO2|',
      nomBancoOrdExt: 'SECRETO3|',
      rfcEmisorCtaBen: 'SECRETO4',
      ...proof,
      certPago: 'SECRETO5!',
      cadPago: '',
    };
    const found = ofPago(secrets);
    expect(found).toHaveLength(6);
    expect(JSON.stringify(found)).not.toContain('SECRETO');
    for (const { message, remedy } of found) expect(`${message} ${remedy}`).toMatch(/^[^.]+.*\. [A-ZÁÉÍÓÚ].*\.$/);
  });

  it('names every fault of every payment at once', () => {
    const found = judge(
      ejemploDePagos(
        ejemploDePago({ monto: '0' }),
        ejemploDePago({ formaDePagoP: '99', doctosRelacionados: [ejemploDeDocto({ idDocumento: 'x' })] }),
      ),
    );
    expect(found.map(({ path }) => path)).toEqual([
      'pagos[0].monto',
      'pagos[1].formaDePagoP',
      'pagos[1].doctosRelacionados[0].idDocumento',
    ]);
  });

  it('ends at a hundred faults', () => {
    const pagos = Array.from({ length: 300 }, () => ejemploDePago({ monto: '0' }));
    expect(judge(ejemploDePagos(...pagos))).toHaveLength(100);
  });
});
