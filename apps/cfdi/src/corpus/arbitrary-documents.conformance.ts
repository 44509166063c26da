import { calculaImportes, type Documento } from '@nexora/comprobante';
import fc from 'fast-check';
import { bultos, conceptos, tickets } from './arbitrary-lines.conformance.ts';
import { pagos } from './arbitrary-payments.conformance.ts';
import { cifra, digitos, quizas, texto } from './arbitrary-texts.conformance.ts';

/** Issuers for whom the tax authority publishes a test CSD; the seal needs the key, not a certificate in force. */
export const EMISORES = ['EKU9003173C9', 'CACX7605101P8', 'H&E951128469', 'OÑO120726RX3', 'IAÑL750210963'] as const;

const uuid = fc.uuid().chain((one) => fc.constantFrom(one, one.toUpperCase()));
const relacionados = (tipos: readonly string[]): fc.Arbitrary<Documento['relacionados']> =>
  fc.array(
    fc.record({ tipoRelacion: fc.constantFrom(...tipos), uuids: fc.array(uuid, { minLength: 1, maxLength: 4 }) }),
    { minLength: 1, maxLength: 2 },
  );
const addenda = texto(40).map(
  (text) => `<p:Pedido xmlns:p="urn:example:pedido" nota="${text.replace(/[&<"]/g, '')}"><p:Linea n="1"/></p:Pedido>`,
);
const lugar = fc.constantFrom('42501', '06002', '22000', '77500', '83000', '01000');

/** What every type of comprobante may carry. */
const head = {
  externalId: fc.uuid(),
  emisor: fc.constantFrom(...EMISORES),
  serie: quizas(texto(25)),
  folio: quizas(texto(40)),
  lugarExpedicion: lugar,
  zonaHoraria: quizas(fc.constantFrom('America/Mexico_City', 'America/Tijuana')),
  confirmacion: quizas(fc.string({ unit: fc.constantFrom(...'09azAZ'), minLength: 5, maxLength: 5 }), 2),
  facAtrAdquirente: quizas(digitos(10), 2),
  addenda: quizas(addenda, 2),
};

const moral = fc.record({
  rfc: fc.constantFrom('EKU9003173C9', 'URE180429TM6', 'H&E951128469', 'OÑO120726RX3'),
  regimenFiscal: fc.constantFrom('601', '603', '626'),
  usoCfdi: fc.constantFrom('G01', 'G03', 'I04', 'S01'),
});
const fisica = fc.record({
  rfc: fc.constantFrom('CACX7605101P8', 'IAÑL750210963'),
  regimenFiscal: fc.constantFrom('612', '606'),
  usoCfdi: fc.constantFrom('G01', 'G03', 'D01', 'I08', 'S01'),
});
const cliente: fc.Arbitrary<Documento['receptor']> = fc
  .tuple(
    fc.oneof(moral, fisica),
    fc.record({
      nombre: texto(300),
      domicilioFiscal: digitos(5),
      email: quizas(fc.constant('cliente@example.mx')),
      telefono: quizas(fc.constantFrom('+52 (55) 1234-5678', '55 1234 5678 ext. 12')),
    }),
  )
  .map(([who, rest]) => ({ ...who, ...rest }));
const extranjero: fc.Arbitrary<Documento['receptor']> = fc
  .record({
    rfc: fc.constant('XEXX010101000'),
    nombre: texto(300),
    domicilioFiscal: fc.constant(''),
    regimenFiscal: fc.constant('616'),
    usoCfdi: fc.constantFrom('S01', 'G02'),
    from: quizas(
      fc.oneof(
        fc.record({ residenciaFiscal: fc.constantFrom('USA', 'CAN'), numRegIdTrib: quizas(digitos(9), 8) }),
        fc.record({ residenciaFiscal: fc.constantFrom('ESP', 'JPN'), numRegIdTrib: quizas(texto(40), 8) }),
      ),
      9,
    ),
  })
  .map(({ from, ...receptor }) => ({ ...receptor, ...from }));

const moneda = fc.oneof(
  { weight: 3, arbitrary: fc.record({ moneda: fc.constant('MXN'), tipoCambio: quizas(fc.constantFrom('1', '1.0')) }) },
  {
    weight: 2,
    arbitrary: fc.record({ moneda: fc.constantFrom('USD', 'EUR', 'JPY', 'KWD', 'CLF'), tipoCambio: cifra(2) }),
  },
);
const cobro = fc.oneof(
  fc.record({ metodoPago: fc.constant('PUE'), formaPago: fc.constantFrom('01', '03', '04', '28') }),
  fc.constant({ metodoPago: 'PPD', formaPago: '99' }),
);

/** A foreign receiver and a generic one live where the comprobante is issued (Anexo 20). */
function placed(documento: Documento): Documento {
  const { receptor, lugarExpedicion } = documento;
  if (receptor.domicilioFiscal !== '') return documento;
  return { ...documento, receptor: { ...receptor, domicilioFiscal: lugarExpedicion } };
}

/** The caller sends sums too, which must agree. */
function summed(documento: Documento, isSummed: boolean): Documento {
  if (!isSummed) return documento;
  const { subTotal, descuento, totalTrasladados, totalRetenidos, total } = calculaImportes(documento);
  return {
    ...documento,
    subTotal: `${subTotal}${subTotal.includes('.') ? '0' : ''}`,
    descuento: descuento ?? '0',
    totalImpuestosTrasladados: totalTrasladados ?? '0.00',
    totalImpuestosRetenidos: totalRetenidos ?? undefined,
    total,
  };
}

const ingreso: fc.Arbitrary<Documento> = fc
  .tuple(
    fc.record({
      ...head,
      tipo: fc.constant('I'),
      condicionesDePago: quizas(texto(1000)),
      exportacion: fc.constantFrom('01', '01', '03'),
      receptor: fc.oneof({ weight: 5, arbitrary: cliente }, { weight: 1, arbitrary: extranjero }),
      conceptos,
      relacionados: quizas(relacionados(['02', '04', '05', '06', '07']), 2),
    }),
    moneda,
    cobro,
    fc.boolean(),
  )
  .map(([documento, money, paid, isSummed]) => summed(placed({ ...documento, ...money, ...paid }), isSummed));

const egreso: fc.Arbitrary<Documento> = fc
  .tuple(
    fc.record({
      ...head,
      tipo: fc.constant('E'),
      condicionesDePago: quizas(texto(1000), 2),
      exportacion: fc.constant('01'),
      receptor: cliente.map((one) => ({ ...one, usoCfdi: 'G02' })),
      conceptos,
      relacionados: quizas(relacionados(['01', '03', '04', '07']), 8),
      metodoPago: fc.constant('PUE'),
      formaPago: fc.constantFrom('01', '03', '15'),
    }),
    moneda,
    fc.boolean(),
  )
  .map(([documento, money, isSummed]) => summed({ ...documento, ...money }, isSummed));

const global: fc.Arbitrary<Documento> = fc
  .tuple(
    fc.record({
      ...head,
      tipo: fc.constant('I'),
      exportacion: fc.constant('01'),
      receptor: fc.record({
        rfc: fc.constant('XAXX010101000'),
        nombre: fc.constantFrom('PUBLICO EN GENERAL', ' PUBLICO  EN\tGENERAL\n'),
        domicilioFiscal: fc.constant(''),
        regimenFiscal: fc.constant('616'),
        usoCfdi: fc.constant('S01'),
      }),
      conceptos: fc.oneof({ weight: 3, arbitrary: tickets }, { weight: 1, arbitrary: conceptos }),
      metodoPago: fc.constant('PUE'),
      formaPago: fc.constantFrom('01', '04', '28'),
      moneda: fc.constant('MXN'),
    }),
    fc.oneof(
      fc.record({ periodicidad: fc.constantFrom('01', '02', '03', '04'), meses: fc.constantFrom('01', '11', '12') }),
      fc.record({ periodicidad: fc.constant('05'), meses: fc.constantFrom('13', '18') }),
    ),
    fc.constantFrom('2025', '2026'),
  )
  .map(([documento, period, anio]) => placed({ ...documento, informacionGlobal: { ...period, anio } }));

/** The régimen under which an issuer makes it: only that of the RIF invoices by two months. */
export function regimenPara({ informacionGlobal }: Documento, usual: string): string {
  return informacionGlobal?.periodicidad === '05' ? '621' : usual;
}

const traslado: fc.Arbitrary<Documento> = fc.record({
  ...head,
  tipo: fc.constant('T'),
  exportacion: fc.constant('01'),
  receptor: cliente,
  conceptos: bultos,
  moneda: quizas(fc.constant('XXX')),
  relacionados: quizas(relacionados(['04', '05']), 2),
});

/** The receipt of payments: the house adds the one line, and the currency that is none. */
const cobros: fc.Arbitrary<Documento> = fc.record({
  ...head,
  tipo: fc.constant('P'),
  exportacion: fc.constant('01'),
  receptor: cliente.map((one) => ({ ...one, usoCfdi: 'CP01' })),
  moneda: quizas(fc.constant('XXX')),
  relacionados: quizas(relacionados(['04']), 2),
  pagos,
});

/** The sorts of comprobante that the corpus mixes, each with its weight. */
export const SORTS = { ingreso, egreso, global, traslado, cobros } as const;

/** As many lines, or as many paid documents, as are admitted. */
const MOST = 10_000;

/** The longest comprobantes that there are: ten thousand lines, or payments of ten thousand documents. */
export const LONGEST: Readonly<Record<string, fc.Arbitrary<Documento>>> = {
  ingreso: ingreso.map((one) => ({ ...withoutSums(one), conceptos: repeated(one.conceptos ?? [], MOST) })),
  cobros: cobros.map((one) => {
    const most = Math.max(...(one.pagos ?? []).map(({ doctosRelacionados }) => doctosRelacionados.length));
    return { ...one, pagos: repeated(one.pagos ?? [], Math.floor(MOST / most)) };
  }),
};

function withoutSums(documento: Documento): Documento {
  const sums = { subTotal: undefined, descuento: undefined, total: undefined };
  return { ...documento, ...sums, totalImpuestosTrasladados: undefined, totalImpuestosRetenidos: undefined };
}

function repeated<T>(items: readonly T[], count: number): T[] {
  return Array.from({ length: count }, (_, index) => items[index % items.length]!);
}

/** The instant by which the rules judge the corpus. */
export const AHORA = new Date('2026-11-21T15:30:00Z');
