import { horaLocal, zonaDe } from '@nexora/comprobante';

const FECHA = /^20[1-9]\d-\d\d-\d\dT\d\d:\d\d:\d\d$/;
const CENTRO = 'America/Mexico_City';

/** The zone of a place of issue by its postal code; that of the middle of Mexico where no state has such codes. */
export function zonaDelLugar(codigoPostal: string): string {
  return zonaDe(codigoPostal) ?? CENTRO;
}

/** The instant at which a clock there shows that local time; undefined when the text is no such time. */
export function instanteDe(fecha: string, zona: string): Date | undefined {
  const asUtc = FECHA.test(fecha) ? Date.parse(`${fecha}Z`) : Number.NaN;
  if (Number.isNaN(asUtc)) return undefined;
  const offsetAt = (instant: number): number => Date.parse(`${horaLocal(new Date(instant), zona)}Z`) - instant;
  // The second look is for the hours around a change of summer time.
  return new Date(asUtc - offsetAt(asUtc - offsetAt(asUtc)));
}
