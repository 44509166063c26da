import { Exact, round, sum } from './decimales.ts';
import type { ImportesDePago, TotalesDePagos, TrasladoP } from './pagos-figuras.ts';

const PESO_DECIMALS = 2;

/** A figure in the currency of a payment and what that is worth in pesos. */
type Part = readonly [figure: string | null, tipoCambioP: string];

/** Adds the payments up in pesos; IEPS that is passed on has no total of its own. */
export function totalesDePagos(pagos: readonly ImportesDePago[]): TotalesDePagos {
  const withheld = (impuesto: string): string | null => inPesos(retencionesDe(pagos, impuesto));
  const [iva16, iva8, iva0] = ['0.160000', '0.080000', '0.000000'].map((rate) => ivaOf(pagos, 'Tasa', rate));
  return {
    totalRetencionesIVA: withheld('002'),
    totalRetencionesISR: withheld('001'),
    totalRetencionesIEPS: withheld('003'),
    totalTrasladosBaseIVA16: iva16?.base ?? null,
    totalTrasladosImpuestoIVA16: iva16?.importe ?? null,
    totalTrasladosBaseIVA8: iva8?.base ?? null,
    totalTrasladosImpuestoIVA8: iva8?.importe ?? null,
    totalTrasladosBaseIVA0: iva0?.base ?? null,
    totalTrasladosImpuestoIVA0: iva0?.importe ?? null,
    totalTrasladosBaseIVAExento: ivaOf(pagos, 'Exento', null).base,
    montoTotalPagos: inPesos(pagos.map((pago): Part => [pago.monto, pago.tipoCambioP])) ?? '0.00',
  };
}

function ivaOf(
  pagos: readonly ImportesDePago[],
  factor: string,
  rate: string | null,
): Record<'base' | 'importe', string | null> {
  const found = pagos.flatMap(({ trasladosP, tipoCambioP }) =>
    trasladosP.filter((tax) => isIva(tax, factor, rate)).map((tax) => ({ tax, tipoCambioP })),
  );
  return {
    base: inPesos(found.map(({ tax, tipoCambioP }): Part => [tax.baseP, tipoCambioP])),
    importe: inPesos(found.map(({ tax, tipoCambioP }): Part => [tax.importeP, tipoCambioP])),
  };
}

function isIva(tax: TrasladoP, factor: string, rate: string | null): boolean {
  return tax.impuestoP === '002' && tax.tipoFactorP === factor && tax.tasaOCuotaP === rate;
}

function retencionesDe(pagos: readonly ImportesDePago[], impuesto: string): Part[] {
  return pagos.flatMap((pago) =>
    pago.retencionesP.filter((tax) => tax.impuestoP === impuesto).map((tax): Part => [tax.importeP, pago.tipoCambioP]),
  );
}

function inPesos(parts: readonly Part[]): string | null {
  const known = parts.flatMap(([figure, rate]) => (figure === null ? [] : [new Exact(figure).times(rate)]));
  return known.length === 0 ? null : round(sum(known), PESO_DECIMALS).toFixed(PESO_DECIMALS);
}
