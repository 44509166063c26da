import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Concepto, ImpuestoPedido } from './documento.ts';
import { calculaImportes, type Importes } from './importes.ts';

const IVA: ImpuestoPedido = { impuesto: '002', tipoFactor: 'Tasa', tasaOCuota: '0.160000' };

function concepto(changes: Partial<Concepto>): Concepto {
  return {
    claveProdServ: '01010101',
    cantidad: '1',
    claveUnidad: 'H87',
    descripcion: 'x',
    valorUnitario: '1',
    objetoImp: '02',
    impuestos: { traslados: [IVA] },
    ...changes,
  };
}

function of(...conceptos: Partial<Concepto>[]): Importes {
  return calculaImportes({ tipo: 'I', moneda: 'MXN', conceptos: conceptos.map(concepto) });
}

describe('calculaImportes', () => {
  it('computes the example of the specification', () => {
    expect(of({ cantidad: '3', valorUnitario: '33.33' })).toMatchObject({
      subTotal: '99.99',
      descuento: null,
      totalTrasladados: '16.00',
      total: '115.99',
      traslados: [{ impuesto: '002', tipoFactor: 'Tasa', tasaOCuota: '0.160000', base: '99.99', importe: '16.00' }],
      conceptos: [{ importe: '99.99', traslados: [{ base: '99.99', importe: '15.9984' }] }],
    });
  });

  it('adds line taxes before it rounds, so that many small lines lose no cent', () => {
    const result = of(...Array.from({ length: 3 }, () => ({ valorUnitario: '0.33' })));
    expect(result.conceptos[0]?.traslados[0]?.importe).toBe('0.0528');
    expect(result.totalTrasladados).toBe('0.16');
    expect(result.total).toBe('1.15');
  });

  it.each([
    ['1', '0.0000005', '0.000001'],
    ['0.5', '0.000001', '0.000001'],
    ['0.4', '0.000001', '0.00'],
    ['1.5', '2.50', '3.75'],
    ['3', '33.333333', '99.999999'],
    ['7', '14.285714', '99.999998'],
    ['1', '10', '10.00'],
    ['1', '10.120000', '10.12'],
  ])('rounds %s × %s half up to six decimals and writes it as %s', (cantidad, valorUnitario, importe) => {
    expect(of({ cantidad, valorUnitario }).conceptos[0]?.importe).toBe(importe);
  });

  it('gives an Importe at least as many decimals as its Descuento', () => {
    const [line] = of({ valorUnitario: '100', descuento: '0.125' }).conceptos;
    expect(line).toMatchObject({ importe: '100.000', descuento: '0.125', traslados: [{ base: '99.875' }] });
  });

  it('leaves a discount of zero out', () => {
    expect(of({ valorUnitario: '10', descuento: '0.00' })).toMatchObject({
      descuento: null,
      conceptos: [{ descuento: null }],
    });
  });

  it('takes the tax from what is left after the discount', () => {
    expect(of({ cantidad: '2', valorUnitario: '50', descuento: '10' })).toMatchObject({
      subTotal: '100.00',
      descuento: '10.00',
      totalTrasladados: '14.40',
      total: '104.40',
    });
  });

  it('takes IVA from the price with the IEPS on it where the caller names that Base', () => {
    const ieps = { impuesto: '003', tipoFactor: 'Tasa', tasaOCuota: '0.08' };
    const cuota = { impuesto: '003', tipoFactor: 'Cuota', tasaOCuota: '1.5', base: '2' };
    const onTop = (base: string): Importes =>
      of({ valorUnitario: '100', impuestos: { traslados: [{ ...IVA, base }, ieps, cuota] } });
    expect(onTop('111.00').conceptos[0]?.traslados).toMatchObject([
      { base: '111.00', importe: '17.76' },
      { base: '100.00', importe: '8.00' },
      { base: '2.00', importe: '3.00' },
    ]);
    expect(onTop('111.00')).toMatchObject({ subTotal: '100.00', total: '128.76' });
    expect(onTop('110.00').conceptos[0]?.traslados[0]).toMatchObject({ base: '100.00', importe: '16.00' });
  });

  it('computes the components of a line', () => {
    const parte = { claveProdServ: '50201706', cantidad: '2.50', descripcion: 'x' };
    const [line] = of({
      partes: [{ ...parte, valorUnitario: '1.333333' }, { ...parte, importe: '7.5' }, parte],
    }).conceptos;
    expect(line?.partes).toEqual([
      { cantidad: '2.5', valorUnitario: '1.333333', importe: '3.333333' },
      { cantidad: '2.5', valorUnitario: null, importe: '7.50' },
      { cantidad: '2.5', valorUnitario: null, importe: null },
    ]);
  });

  it('has sums of zero for goods on their way, whatever they are worth', () => {
    const conceptos = [concepto({ cantidad: '3', valorUnitario: '12.50', impuestos: undefined })];
    expect(calculaImportes({ tipo: 'T', conceptos })).toMatchObject({
      conceptos: [{ importe: '37.50' }],
      subTotal: '0',
      descuento: null,
      traslados: [],
      totalTrasladados: null,
      total: '0',
    });
    expect(calculaImportes({ tipo: 'T', moneda: 'MXN', conceptos })).toMatchObject({ subTotal: '0.00', total: '0.00' });
  });

  it('has one line of plain zeros for payments', () => {
    expect(calculaImportes({ tipo: 'P' })).toMatchObject({
      conceptos: [{ cantidad: '1', valorUnitario: '0', importe: '0' }],
      subTotal: '0',
      total: '0',
    });
  });

  it('keeps traslados apart by impuesto, factor and tasa, in the order in which they are met', () => {
    const zero = { ...IVA, tasaOCuota: '0.000000' };
    const result = of(
      { valorUnitario: '10', impuestos: { traslados: [zero] } },
      { valorUnitario: '20' },
      { valorUnitario: '30', impuestos: { traslados: [{ ...IVA, tasaOCuota: '0.16' }] } },
      { valorUnitario: '40', impuestos: { traslados: [{ impuesto: '003', tipoFactor: 'Tasa', tasaOCuota: '0.08' }] } },
    );
    expect(result.traslados).toEqual([
      { impuesto: '002', tipoFactor: 'Tasa', tasaOCuota: '0.000000', base: '10.00', importe: '0.00' },
      { impuesto: '002', tipoFactor: 'Tasa', tasaOCuota: '0.160000', base: '50.00', importe: '8.00' },
      { impuesto: '003', tipoFactor: 'Tasa', tasaOCuota: '0.080000', base: '40.00', importe: '3.20' },
    ]);
    expect(result.total).toBe('111.20');
  });

  it('adds retenciones per impuesto alone and takes them off the total', () => {
    const isr = { impuesto: '001', tipoFactor: 'Tasa', tasaOCuota: '0.100000' };
    const other = { ...isr, tasaOCuota: '0.012500' };
    const result = of(
      { valorUnitario: '100', impuestos: { traslados: [IVA], retenciones: [isr] } },
      { valorUnitario: '100', impuestos: { traslados: [IVA], retenciones: [other] } },
    );
    expect(result).toMatchObject({
      retenciones: [{ impuesto: '001', importe: '11.25' }],
      totalRetenidos: '11.25',
      total: '220.75',
    });
  });

  it('shows an exempt tax with its base alone, and no total when nothing is charged', () => {
    const result = of({ valorUnitario: '10', impuestos: { traslados: [{ impuesto: '002', tipoFactor: 'Exento' }] } });
    expect(result.traslados).toEqual([
      { impuesto: '002', tipoFactor: 'Exento', tasaOCuota: null, base: '10.00', importe: null },
    ]);
    expect(result).toMatchObject({ totalTrasladados: null, total: '10.00' });
  });

  it('takes a quantity as Base where the tax is so much per unit', () => {
    const cuota = { impuesto: '003', tipoFactor: 'Cuota', tasaOCuota: '6.754000', base: '12.5' };
    const result = of({ valorUnitario: '300', impuestos: { traslados: [cuota] } });
    expect(result.traslados[0]).toMatchObject({ base: '12.50', importe: '84.43' });
    expect(result.conceptos[0]?.traslados[0]).toMatchObject({ base: '12.50', importe: '84.425' });
    const { base: _, ...unnamed } = cuota;
    const general = of({ valorUnitario: '300', impuestos: { traslados: [unnamed] } });
    expect(general.traslados[0]).toMatchObject({ base: '300.00', importe: '2026.20' });
  });

  it('rounds to the decimals of the currency', () => {
    const lines = [concepto({ cantidad: '3', valorUnitario: '33.335' })];
    expect(calculaImportes({ tipo: 'I', moneda: 'JPY', conceptos: lines })).toMatchObject({
      subTotal: '100',
      total: '116',
    });
    expect(calculaImportes({ tipo: 'I', moneda: 'KWD', conceptos: lines })).toMatchObject({
      subTotal: '100.005',
      total: '116.006',
    });
  });

  it('tells a total below zero', () => {
    const isr = { impuesto: '001', tipoFactor: 'Tasa', tasaOCuota: '0.350000' };
    const result = of({ valorUnitario: '10', impuestos: { retenciones: [isr, isr, isr] } });
    expect(result).toMatchObject({ isNegative: true, total: '-0.50' });
  });

  it('refuses a currency that it does not know', () => {
    expect(() => calculaImportes({ tipo: 'I', moneda: 'ABC', conceptos: [] })).toThrow(RangeError);
  });
});

/** Whole millionths, so that the reference uses no decimal library. */
const millionths = fc.bigInt({ min: 1n, max: 10n ** 13n });
const rates = fc.constantFrom(0n, 80_000n, 160_000n, 265_000n, 530_000n, 1_600_000n);

function text(value: bigint): string {
  const padded = value.toString().padStart(7, '0');
  return `${padded.slice(0, -6)}.${padded.slice(-6)}`;
}
/** Quotient rounded half up; all figures are positive. */
function divided(value: bigint, by: bigint): bigint {
  return (value * 2n + by) / (by * 2n);
}
function cents(value: bigint): bigint {
  return divided(value, 10_000n);
}
function fromText(value: string): bigint {
  const [whole = '0', fraction = ''] = value.split('.');
  return BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
}

describe('calculaImportes against whole-number arithmetic', () => {
  const line = fc.record({
    cantidad: millionths,
    precio: millionths,
    share: fc.bigInt({ min: 0n, max: 999n }),
    rate: rates,
  });

  it('agrees to the last digit on every line and every sum', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), (lines) => {
        const reference = lines.map(({ cantidad, precio, share, rate }) => {
          const importe = divided(cantidad * precio, 1_000_000n);
          const descuento = (importe * share) / 1000n;
          const base = importe - descuento;
          return { cantidad, precio, rate, importe, descuento, base, tax: divided(base * rate, 1_000_000n) };
        });
        const result = of(
          ...reference.map(({ cantidad, precio, rate, descuento }) => ({
            cantidad: text(cantidad),
            valorUnitario: text(precio),
            descuento: text(descuento),
            impuestos: { traslados: [{ ...IVA, tasaOCuota: text(rate) }] },
          })),
        );
        for (const [index, one] of reference.entries()) {
          const got = result.conceptos[index]!;
          expect(fromText(got.importe)).toBe(one.importe);
          expect(fromText(got.traslados[0]!.base)).toBe(one.base);
          expect(fromText(got.traslados[0]!.importe!)).toBe(one.tax);
        }
        const add = (pick: (one: (typeof reference)[number]) => bigint): bigint =>
          reference.reduce((total, one) => total + pick(one), 0n);
        const groups = [...new Set(reference.map(({ rate }) => rate))].map((rate) =>
          cents(add((one) => (one.rate === rate ? one.tax : 0n))),
        );
        const subTotal = cents(add((one) => one.importe));
        const descuento = cents(add((one) => one.descuento));
        const total = groups.reduce((sum, group) => sum + group, subTotal - descuento);
        expect(fromText(result.subTotal)).toBe(subTotal * 10_000n);
        expect(fromText(result.descuento ?? '0')).toBe(descuento * 10_000n);
        expect(fromText(result.total)).toBe(total * 10_000n);
      }),
    );
  });

  it('writes no trailing zero beyond two decimals and never fewer than two', () => {
    fc.assert(
      fc.property(line, ({ cantidad, precio, rate }) => {
        const [got] = of({
          cantidad: text(cantidad),
          valorUnitario: text(precio),
          impuestos: { traslados: [{ ...IVA, tasaOCuota: text(rate) }] },
        }).conceptos;
        for (const figure of [got!.importe, got!.valorUnitario, got!.traslados[0]!.base, got!.traslados[0]!.importe!]) {
          expect(figure).toMatch(/^(0|[1-9]\d*)\.\d{2}(\d{0,3}[1-9])?$/);
        }
      }),
    );
  });
});
