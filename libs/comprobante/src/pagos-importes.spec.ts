import { describe, expect, it } from '@jest/globals';
import { ejemploDeDocto, ejemploDePago } from './pagos-ejemplo.ts';
import type { ImportesDePagos } from './pagos-figuras.ts';
import { calculaPagos } from './pagos-importes.ts';
import type { DoctoRelacionado, ImpuestoDr, Pago } from './pagos.schema.ts';

const iva = (baseDR: string, tasaOCuotaDR = '0.160000'): ImpuestoDr => ({
  baseDR,
  impuestoDR: '002',
  tipoFactorDR: 'Tasa',
  tasaOCuotaDR,
});
const exento = (baseDR: string): ImpuestoDr => ({ baseDR, impuestoDR: '002', tipoFactorDR: 'Exento' });
const isr = (baseDR: string, tasaOCuotaDR = '0.100000'): ImpuestoDr => ({
  ...iva(baseDR, tasaOCuotaDR),
  impuestoDR: '001',
});

const of = (...pagos: Partial<Pago>[]): ImportesDePagos => calculaPagos({ pagos: pagos.map(ejemploDePago) });
const paying = (...doctos: Partial<DoctoRelacionado>[]): Partial<Pago> => ({
  doctosRelacionados: doctos.map(ejemploDeDocto),
});
const none = {
  totalRetencionesIVA: null,
  totalRetencionesISR: null,
  totalRetencionesIEPS: null,
  totalTrasladosBaseIVA16: null,
  totalTrasladosImpuestoIVA16: null,
  totalTrasladosBaseIVA8: null,
  totalTrasladosImpuestoIVA8: null,
  totalTrasladosBaseIVA0: null,
  totalTrasladosImpuestoIVA0: null,
  totalTrasladosBaseIVAExento: null,
};

describe('calculaPagos, by hand', () => {
  it('computes one payment that pays one document in full', () => {
    expect(of({})).toEqual({
      pagos: [
        {
          tipoCambioP: '1',
          monto: '116.00',
          doctos: [
            {
              equivalenciaDR: '1',
              impSaldoAnt: '116.00',
              impPagado: '116.00',
              impSaldoInsoluto: '0.00',
              retencionesDR: [],
              trasladosDR: [
                {
                  baseDR: '100.00',
                  impuestoDR: '002',
                  tipoFactorDR: 'Tasa',
                  tasaOCuotaDR: '0.160000',
                  importeDR: '16.00',
                },
              ],
            },
          ],
          retencionesP: [],
          trasladosP: [
            { baseP: '100.00', impuestoP: '002', tipoFactorP: 'Tasa', tasaOCuotaP: '0.160000', importeP: '16.00' },
          ],
        },
      ],
      totales: {
        ...none,
        totalTrasladosBaseIVA16: '100.00',
        totalTrasladosImpuestoIVA16: '16.00',
        montoTotalPagos: '116.00',
      },
    });
  });

  it('carries the balance from one partial payment to the next', () => {
    const series = [
      ['1', '1160.00', '500.00', '660.00'],
      ['2', '660.00', '400.10', '259.90'],
      ['3', '259.90', '259.90', '0.00'],
    ] as const;
    for (const [numParcialidad, impSaldoAnt, impPagado, left] of series) {
      const { pagos } = of({ monto: impPagado, ...paying({ numParcialidad, impSaldoAnt, impPagado }) });
      expect(pagos[0]?.doctos[0]?.impSaldoInsoluto).toBe(left);
    }
  });

  it('takes a tax as the exact product in six decimals, not in cents', () => {
    const ieps: ImpuestoDr = { ...iva('1737.88', '0.060000'), impuestoDR: '003' };
    const { pagos, totales } = of(paying({ impuestosDR: { trasladosDR: [ieps] } }));
    expect(pagos[0]?.doctos[0]?.trasladosDR[0]?.importeDR).toBe('104.2728');
    expect(pagos[0]?.trasladosP[0]).toMatchObject({ impuestoP: '003', baseP: '1737.88', importeP: '104.2728' });
    // Pagos 2.0 has no total for IEPS that is passed on.
    expect(totales).toEqual({ ...none, montoTotalPagos: '116.00' });
  });

  it('converts a document in dollars that is paid in pesos', () => {
    // 1160 USD at 20 pesos: 23,200 MXN. One peso is 0.05 dollars.
    const { pagos, totales } = of({
      monto: '23200',
      ...paying({
        monedaDR: 'USD',
        equivalenciaDR: '0.05',
        impSaldoAnt: '1160',
        impPagado: '1160',
        impuestosDR: { trasladosDR: [iva('1000')] },
      }),
    });
    expect(pagos[0]).toMatchObject({
      tipoCambioP: '1',
      monto: '23200.00',
      doctos: [{ equivalenciaDR: '0.05', trasladosDR: [{ baseDR: '1000.00', importeDR: '160.00' }] }],
      trasladosP: [{ baseP: '20000.00', importeP: '3200.00' }],
    });
    expect(totales).toMatchObject({
      totalTrasladosBaseIVA16: '20000.00',
      totalTrasladosImpuestoIVA16: '3200.00',
      montoTotalPagos: '23200.00',
    });
  });

  it('converts a document in pesos that is paid in dollars, and the totals back into pesos', () => {
    // 1160 MXN at 18.5 pesos for a dollar: 62.70 USD. 1000 ÷ 18.5 = 54.054054…, 160 ÷ 18.5 = 8.648648….
    const { pagos, totales } = of({
      monedaP: 'USD',
      tipoCambioP: '18.500000',
      monto: '62.71',
      ...paying({
        equivalenciaDR: '18.5',
        impSaldoAnt: '1160.00',
        impPagado: '1160.00',
        impuestosDR: { trasladosDR: [iva('1000.00')] },
      }),
    });
    expect(pagos[0]).toMatchObject({
      tipoCambioP: '18.5',
      doctos: [{ equivalenciaDR: '18.5' }],
      trasladosP: [{ baseP: '54.054054', importeP: '8.6486' }],
    });
    // 54.054054 × 18.5 = 999.999999; 8.6486 × 18.5 = 159.9991; 62.71 × 18.5 = 1160.135.
    expect(totales).toMatchObject({
      totalTrasladosBaseIVA16: '1000.00',
      totalTrasladosImpuestoIVA16: '160.00',
      montoTotalPagos: '1160.14',
    });
  });

  it('keeps the taxes of two documents apart by impuesto, factor and tasa, and adds what is alike', () => {
    const { pagos, totales } = of({
      monto: '500',
      ...paying(
        { impPagado: '200', impSaldoAnt: '200', impuestosDR: { trasladosDR: [iva('100.10'), iva('50', '0')] } },
        {
          impPagado: '200',
          impSaldoAnt: '300',
          impuestosDR: { trasladosDR: [exento('30'), iva('70', '0.08'), iva('9.9')] },
        },
      ),
    });
    expect(pagos[0]?.trasladosP).toEqual([
      { baseP: '110.00', impuestoP: '002', tipoFactorP: 'Tasa', tasaOCuotaP: '0.160000', importeP: '17.60' },
      { baseP: '50.00', impuestoP: '002', tipoFactorP: 'Tasa', tasaOCuotaP: '0.000000', importeP: '0.00' },
      { baseP: '30.00', impuestoP: '002', tipoFactorP: 'Exento', tasaOCuotaP: null, importeP: null },
      { baseP: '70.00', impuestoP: '002', tipoFactorP: 'Tasa', tasaOCuotaP: '0.080000', importeP: '5.60' },
    ]);
    expect(totales).toEqual({
      ...none,
      totalTrasladosBaseIVA16: '110.00',
      totalTrasladosImpuestoIVA16: '17.60',
      totalTrasladosBaseIVA8: '70.00',
      totalTrasladosImpuestoIVA8: '5.60',
      totalTrasladosBaseIVA0: '50.00',
      totalTrasladosImpuestoIVA0: '0.00',
      totalTrasladosBaseIVAExento: '30.00',
      montoTotalPagos: '500.00',
    });
  });

  it('adds what is withheld per impuesto alone, two rates of one document included', () => {
    // IVA 1000 × 0.106667 = 106.667 and 500 × 0.04 = 20; ISR 1000 × 0.1 = 100.
    const retencionesDR = [iva('1000', '0.106667'), isr('1000'), iva('500', '0.04')];
    const { pagos, totales } = of(paying({ impuestosDR: { trasladosDR: [iva('1000')], retencionesDR } }));
    expect(pagos[0]?.retencionesP).toEqual([
      { impuestoP: '002', importeP: '126.667' },
      { impuestoP: '001', importeP: '100.00' },
    ]);
    expect(totales).toMatchObject({
      totalRetencionesIVA: '126.67',
      totalRetencionesISR: '100.00',
      totalRetencionesIEPS: null,
    });
  });

  it('adds several payments of different currencies in pesos, rounding once', () => {
    // 10.01 × 18.55 = 185.6855; 10.01 × 18.55 again; 0.10: 371.471 → 371.47, where rounding each first gives 371.48.
    const usd = {
      monedaP: 'USD',
      tipoCambioP: '18.55',
      monto: '10.01',
      ...paying({ monedaDR: 'USD', objetoImpDR: '01', impuestosDR: undefined }),
    };
    expect(of(usd, usd, { monto: '0.10', ...paying({ objetoImpDR: '01', impuestosDR: undefined }) }).totales).toEqual({
      ...none,
      montoTotalPagos: '371.47',
    });
  });

  it('shows no taxes where the document has none', () => {
    const [pago] = of(paying({ objetoImpDR: '01', impuestosDR: undefined })).pagos;
    expect(pago).toMatchObject({ trasladosP: [], retencionesP: [], doctos: [{ trasladosDR: [], retencionesDR: [] }] });
  });

  it('writes figures in the decimals of each currency', () => {
    const [pago] = of({
      monedaP: 'JPY',
      tipoCambioP: '0.12',
      monto: '1160',
      ...paying({ monedaDR: 'KWD', equivalenciaDR: '0.002', impSaldoAnt: '3', impPagado: '2.32' }),
    }).pagos;
    expect(pago).toMatchObject({
      monto: '1160',
      doctos: [{ impSaldoAnt: '3.000', impPagado: '2.320', impSaldoInsoluto: '0.680' }],
    });
  });

  it.each([
    ['exactly, where six decimals suffice', '1', '0.123457', '0.123457'],
    ['in six decimals, where the seventh would be cut and rounded alike', '7', '1', '0.142857'],
    ['in fewer, where rounding the sixth would give more than cutting it', '0.9', '0.6', '0.66666'],
    ['rounded, where no number of decimals pleases both', '0.3', '0.2', '0.666667'],
  ])('writes a converted sum %s', (_what, equivalenciaDR, baseDR, written) => {
    const rate = equivalenciaDR === '0.9' ? { trasladosDR: [iva('0.599994')] } : { trasladosDR: [iva(baseDR)] };
    const [pago] = of({ monedaP: 'USD', tipoCambioP: '18', ...paying({ equivalenciaDR, impuestosDR: rate }) }).pagos;
    expect(pago?.trasladosP[0]?.baseP).toBe(written);
  });

  it('writes a converted sum with two decimals at least, in a currency without any too', () => {
    // 1.499999 ÷ 3 = 0.4999996…: no decimals would please both, as 0; but it would be written as 0.00.
    const yen = { monedaP: 'JPY', tipoCambioP: '0.12', monto: '1000' };
    const docto = { equivalenciaDR: '3', impuestosDR: { trasladosDR: [iva('1.499999')] } };
    const [pago] = of({ ...yen, ...paying(docto) }).pagos;
    expect(pago?.trasladosP[0]?.baseP).toBe('0.50');
  });

  it.each([
    ['0010.50', '10.50'],
    ['018', '18'],
    ['0.0540540541', '0.0540540541'],
  ])('writes the EquivalenciaDR %s as %s: its decimals count, zeros before it do not', (equivalenciaDR, written) => {
    const [pago] = of({ monedaP: 'USD', tipoCambioP: '18', ...paying({ equivalenciaDR }) }).pagos;
    expect(pago?.doctos[0]?.equivalenciaDR).toBe(written);
  });

  it('refuses a currency that it does not know', () => {
    expect(() => of({ monedaP: 'ABC' })).toThrow(RangeError);
  });
});
