import type { Concepto, Documento } from './documento.ts';
import { SIN_MONEDA } from './monedas.ts';

/** Types of comprobante that the house makes. Payroll (N) is none of them. */
export type TipoDeComprobante = 'I' | 'E' | 'T' | 'P';

const NOMBRES: Readonly<Record<TipoDeComprobante, string>> = {
  I: 'de ingreso',
  E: 'de egreso',
  T: 'de traslado',
  P: 'de pago',
};

/** Whether the house makes comprobantes of this type. */
export function isTipo(tipo: string): tipo is TipoDeComprobante {
  return Object.hasOwn(NOMBRES, tipo);
}

/** What a sentence calls a type: `de ingreso`. */
export function nombreDe(tipo: string): string {
  return isTipo(tipo) ? NOMBRES[tipo] : `de tipo ${tipo}`;
}

/** Whether a comprobante of this type charges or returns money: then it has a way of payment, taxes and a total. */
export function tieneImporte(tipo: string): boolean {
  return tipo !== 'T' && tipo !== 'P';
}

/** The one line of a comprobante of tipo P (filling guide of Pagos 2.0); its figures are written as they stand here. */
export const CONCEPTO_DE_PAGO: Concepto = {
  claveProdServ: '84111506',
  cantidad: '1',
  claveUnidad: 'ACT',
  descripcion: 'Pago',
  valorUnitario: '0',
  importe: '0',
  objetoImp: '01',
};

/** The lines that the XML will have: those handed over, or the one line of a tipo P. */
export function conceptosDe({ tipo, conceptos }: Pick<Documento, 'tipo' | 'conceptos'>): readonly Concepto[] {
  return tipo === 'P' ? [CONCEPTO_DE_PAGO] : (conceptos ?? []);
}

/** The currency that the XML will have: T and P have none unless the caller says one. */
export function monedaDe({ tipo, moneda }: Pick<Documento, 'tipo' | 'moneda'>): string | undefined {
  return moneda ?? (tieneImporte(tipo) ? undefined : SIN_MONEDA);
}
