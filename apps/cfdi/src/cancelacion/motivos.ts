/** Reasons for a cancellation (catalogue of the tax authority). 01 names the comprobante that takes its place. */
export const MOTIVOS = {
  '01': 'Comprobante emitido con errores con relación',
  '02': 'Comprobante emitido con errores sin relación',
  '03': 'No se llevó a cabo la operación',
  '04': 'Operación nominativa relacionada en una factura global',
} as const;

/** Key of a reason. */
export type Motivo = keyof typeof MOTIVOS;

/** Whether a text is the key of a reason. */
export function isMotivo(text: string): text is Motivo {
  return Object.hasOwn(MOTIVOS, text);
}
