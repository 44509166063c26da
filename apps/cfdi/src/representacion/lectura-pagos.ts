import type { XmlElement } from '@nexora/comprobante';
import { PAGOS } from '../comprobante/espacios.ts';
import { child, listOf, pathOf, valuesOf, type Valores } from './lectura-base.ts';
import { readImpuesto, type ImpuestoImpreso } from './lectura-conceptos.ts';

/** A document that a payment settles, wholly or in part. */
export interface DoctoImpreso {
  readonly value: Valores;
  readonly impuestos: readonly ImpuestoImpreso[];
}

/** One payment. */
export interface PagoImpreso {
  readonly value: Valores;
  readonly doctos: readonly DoctoImpreso[];
  readonly impuestos: readonly ImpuestoImpreso[];
}

/** The complemento of payments 2.0. */
export interface PagosImpresos {
  readonly totales: Valores;
  readonly pagos: readonly PagoImpreso[];
}

/** Reads the complemento of payments. */
export function readPagos(complemento: XmlElement): PagosImpresos {
  return {
    totales: valuesOf(child(complemento, PAGOS, 'Totales')),
    pagos: listOf(complemento, PAGOS, 'Pago').map((pago) => ({
      value: valuesOf(pago),
      doctos: listOf(pago, PAGOS, 'DoctoRelacionado').map((docto) => ({
        value: valuesOf(docto),
        impuestos: readImpuestosOf(docto, 'DR'),
      })),
      impuestos: readImpuestosOf(pago, 'P'),
    })),
  };
}

function readImpuestosOf(holder: XmlElement, ending: 'DR' | 'P'): ImpuestoImpreso[] {
  const read = (list: string, name: string, lado: ImpuestoImpreso['lado']): ImpuestoImpreso[] =>
    pathOf(holder, PAGOS, [`Impuestos${ending}`, `${list}${ending}`, `${name}${ending}`]).map((one) =>
      readImpuesto(one, lado, ending),
    );
  return [...read('Traslados', 'Traslado', 'traslado'), ...read('Retenciones', 'Retencion', 'retencion')];
}
