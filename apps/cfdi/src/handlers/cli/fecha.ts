import { horaLocal, isFechaHora, zonaDe } from '@nexora/comprobante';

const CENTRO = 'America/Mexico_City';

/** The zone of a place of issue by its postal code; that of the middle of Mexico where no state has such codes. */
export function zonaDelLugar(codigoPostal: string): string {
  return zonaDe(codigoPostal) ?? CENTRO;
}

/**
 * The instant at which a clock there shows that local time; undefined when the text is no such time, or names an hour
 * that the clocks there leave out.
 */
export function instanteDe(fecha: string, zona: string): Date | undefined {
  const near = instanteCercano(fecha, zona);
  return near !== undefined && horaLocal(near, zona) === fecha ? near : undefined;
}

/** As `instanteDe`, where the zone is a guess: an hour that the clocks of that zone leave out is taken as well. */
export function instanteCercano(fecha: string, zona: string): Date | undefined {
  if (!isFechaHora(fecha)) return undefined;
  const asUtc = Date.parse(`${fecha}Z`);
  const offsetAt = (instant: number): number => Date.parse(`${horaLocal(new Date(instant), zona)}Z`) - instant;
  // The second look is for the hours around a change of summer time.
  return new Date(asUtc - offsetAt(asUtc - offsetAt(asUtc)));
}
