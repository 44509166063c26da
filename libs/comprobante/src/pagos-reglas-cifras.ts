import { Exact } from './decimales.ts';
import type { Juicio } from './juicio.ts';
import { decimalesDe, SIN_MONEDA } from './monedas.ts';

/** Whether anything at or below the path was found wrong so far. */
export function hasFaults(juicio: Juicio, path: string): boolean {
  return juicio.faltas.some((falta) => falta.path.startsWith(path));
}

/** A currency in which something can be paid. */
export function isMoneda(juicio: Juicio, path: string, moneda: string): boolean {
  const isKnown = decimalesDe(moneda) !== undefined && moneda !== SIN_MONEDA;
  return juicio.catalogue(path, isKnown, 'c_Moneda');
}

/** A figure above zero with no more decimals than its currency has. @param moneda one that `isMoneda` took */
export function judgeCifra(juicio: Juicio, path: string, cifra: string, moneda: string): boolean {
  if (!juicio.positive(path, cifra)) return false;
  const decimals = decimalesDe(moneda) ?? 0;
  if (new Exact(cifra).decimalPlaces() <= decimals) return true;
  const message = `${path} tiene más decimales que los ${decimals} de ${moneda}.`;
  return juicio.add(path, 'cfdi.pattern', message, `Escriba la cantidad con ${decimals} decimales.`);
}
