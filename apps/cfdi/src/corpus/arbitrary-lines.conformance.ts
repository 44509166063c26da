import { Exact, type Concepto, type ImpuestoPedido } from '@nexora/comprobante';
import fc from 'fast-check';
import { cifra, digitos, quizas, texto } from './arbitrary-texts.conformance.ts';

type Lineas = fc.Arbitrary<Concepto[]>;

const IVA = (tasaOCuota: string): ImpuestoPedido => ({ impuesto: '002', tipoFactor: 'Tasa', tasaOCuota });
/** Of one tax a line passes on at most one of these. */
const TRASLADOS: readonly (readonly ImpuestoPedido[])[] = [
  [IVA('0.160000'), IVA('0.16'), IVA('0.080000'), IVA('0'), { impuesto: '002', tipoFactor: 'Exento' }],
  ['0.265000', '0.30', '0.53', '1.600000', '0.09', '0.08', '0.000000'].map((tasaOCuota) => ({
    impuesto: '003',
    tipoFactor: 'Tasa',
    tasaOCuota,
  })),
];

/** IEPS of so much per litre or piece; that quantity is the Base, which the caller names or not. */
const cuota: fc.Arbitrary<ImpuestoPedido> = fc.record({
  impuesto: fc.constant('003'),
  tipoFactor: fc.constant('Cuota'),
  tasaOCuota: fc.integer({ min: 1, max: 72_160_500 }).map((millionths) => (millionths / 1_000_000).toFixed(6)),
  base: fc.option(cifra(4), { nil: undefined }),
});
const tasaHasta = (impuesto: string, most: number): fc.Arbitrary<ImpuestoPedido> =>
  fc.integer({ min: 1, max: most }).map((millionths) => ({
    impuesto,
    tipoFactor: 'Tasa',
    tasaOCuota: (millionths / 1_000_000).toFixed(6),
  }));

const traslados: fc.Arbitrary<ImpuestoPedido[]> = fc
  .tuple(
    quizas(fc.constantFrom(...TRASLADOS[0]!), 8),
    quizas(fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...TRASLADOS[1]!) }, { weight: 1, arbitrary: cuota }), 3),
  )
  .map((taxes) => taxes.filter((tax) => tax !== undefined));
const retenciones: fc.Arbitrary<ImpuestoPedido[]> = fc
  .tuple(
    quizas(tasaHasta('001', 350_000), 3),
    quizas(tasaHasta('002', 160_000), 3),
    quizas(fc.constant({ impuesto: '003', tipoFactor: 'Tasa', tasaOCuota: '0.060000' }), 2),
  )
  .map((taxes) => taxes.filter((tax) => tax !== undefined));

/** `15  48  3009  0001234`, with the two spaces between that the schema asks for. */
const pedimentos = fc.array(
  fc.tuple(digitos(2), digitos(2), digitos(4), digitos(7)).map((parts) => ({ numeroPedimento: parts.join('  ') })),
  { minLength: 1, maxLength: 3 },
);
const predial = fc.array(
  fc.record({ numero: fc.string({ unit: fc.constantFrom(...'0123456789ABCxyz'), minLength: 1, maxLength: 150 }) }),
  { minLength: 1, maxLength: 3 },
);
const terceros = fc.record({
  rfc: fc.constantFrom('COSC8001137NA', 'L&O950913MSA', 'ÑUZ010101AB1'),
  nombre: texto(300),
  regimenFiscal: fc.constantFrom('601', '603', '612', '616'),
  domicilioFiscal: digitos(5),
});
const partes = fc.array(
  fc.record({
    claveProdServ: digitos(8),
    noIdentificacion: quizas(texto(100)),
    cantidad: cifra(6),
    unidad: quizas(texto(20)),
    descripcion: texto(1000),
    valorUnitario: quizas(cifra(6)),
    informacionAduanera: quizas(pedimentos),
  }),
  { minLength: 1, maxLength: 3 },
);

const plain = {
  claveProdServ: fc.constantFrom('01010101', '84111506', '50202306', '15101514'),
  noIdentificacion: quizas(texto(100)),
  cantidad: cifra(5),
  claveUnidad: fc.constantFrom('H87', 'E48', 'KGM', 'LTR', 'ACT', 'Ohm', '4K'),
  unidad: quizas(texto(20)),
  descripcion: texto(1000),
  valorUnitario: cifra(7),
};

/** What a line sells, priced and taxed, with everything that may hang on it. */
const concepto: fc.Arbitrary<Concepto> = fc
  .record({
    ...plain,
    objetoImp: fc.constantFrom('01', '02', '02', '02', '02', '02', '02', '03', '04'),
    impuestos: fc.record({ traslados, retenciones }),
    off: quizas(fc.integer({ min: 0, max: 999 }), 3),
    aCuentaTerceros: quizas(terceros, 2),
    informacionAduanera: quizas(pedimentos, 2),
    cuentaPredial: quizas(predial, 2),
    partes: quizas(partes, 2),
    says: fc.constantFrom('nothing', 'nothing', 'figures', 'IVA on IEPS'),
  })
  .map(({ off, says, ...line }) => stated(consistent(line, off), says));

/** Takes taxes off a line that carries none by its ObjetoImp, and finds a discount that leaves a Base. */
function consistent(line: Concepto, off: number | undefined): Concepto {
  const importe = new Exact(line.cantidad).times(line.valorUnitario).toDecimalPlaces(6);
  const { traslados: on = [], retenciones: withheld = [] } = line.impuestos ?? {};
  const isTaxed = line.objetoImp === '02' && on.length + withheld.length > 0 && importe.gte('0.01');
  const discount =
    off === undefined
      ? undefined
      : importe
          .times(off)
          .div(1000)
          .toDecimalPlaces(off % 7, 1)
          .toFixed();
  return {
    ...line,
    objetoImp: isTaxed ? '02' : line.objetoImp === '02' ? '01' : line.objetoImp,
    impuestos: isTaxed ? line.impuestos : undefined,
    descuento: discount,
  };
}

/** Figures that the caller computed too; IVA may be taken from the price with the IEPS on it when its Base says so. */
function stated(line: Concepto, says: string): Concepto {
  const { traslados: on = [], retenciones: withheld = [] } = line.impuestos ?? {};
  if (says === 'nothing') return line;
  const importe = sixth(new Exact(line.cantidad).times(line.valorUnitario));
  const base = importe.minus(line.descuento ?? 0);
  const amountOf = (tax: ImpuestoPedido): Exact => sixth((own(tax) ?? base).times(tax.tasaOCuota ?? 0));
  const withFigures = (tax: ImpuestoPedido, from: Exact): ImpuestoPedido => ({
    ...tax,
    base: (own(tax) ?? from).toFixed(),
    importe: tax.tipoFactor === 'Exento' ? undefined : sixth((own(tax) ?? from).times(tax.tasaOCuota ?? 0)).toFixed(6),
  });
  const ieps = on
    .filter(({ impuesto }) => impuesto === '003')
    .reduce((sum, tax) => sum.plus(amountOf(tax)), new Exact(0));
  const ofIva = says === 'IVA on IEPS' ? base.plus(ieps) : base;
  const traslados = on.map((tax) => withFigures(tax, tax.impuesto === '002' ? ofIva : base));
  const impuestos = { traslados, retenciones: withheld.map((tax) => withFigures(tax, base)) };
  return { ...line, importe: importe.toFixed(), impuestos: line.impuestos === undefined ? undefined : impuestos };
}

/** The Base that the caller names for so much per litre or piece. */
function own({ tipoFactor, base }: ImpuestoPedido): Exact | undefined {
  return tipoFactor === 'Cuota' && base !== undefined ? sixth(new Exact(base)) : undefined;
}

function sixth(value: Exact): Exact {
  return value.toDecimalPlaces(6, Exact.ROUND_HALF_UP);
}

/** The lines of an invoice or credit note. */
export const conceptos: Lineas = fc.array(concepto, { minLength: 1, maxLength: 6 });

/** The lines of a global invoice: one ticket each, as the guide of the tax authority asks. */
export const tickets: Lineas = fc.array(
  fc.record({
    claveProdServ: fc.constant('01010101'),
    noIdentificacion: texto(100),
    cantidad: fc.constant('1'),
    claveUnidad: fc.constant('ACT'),
    descripcion: fc.constant('Venta'),
    valorUnitario: cifra(6, 2).map((value) => (new Exact(value).lt(1) ? '1.00' : value)),
    objetoImp: fc.constant('02'),
    impuestos: fc.record({ traslados: fc.constantFrom(...TRASLADOS[0]!).map((tax) => [tax]) }),
  }),
  { minLength: 1, maxLength: 12 },
);

/** Goods on the way: no price, no tax. */
export const bultos: Lineas = fc.array(
  fc.record({
    ...plain,
    valorUnitario: fc.constantFrom('0', '0.00', '12.50'),
    objetoImp: fc.constant('01'),
    informacionAduanera: quizas(pedimentos, 2),
    partes: quizas(partes, 2),
  }),
  { minLength: 1, maxLength: 4 },
);
