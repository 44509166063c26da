import { Decimal } from 'decimal.js';

/** Decimal arithmetic of this library: exact for every product of two figures of a CFDI, rounded half up. */
export const Exact = Decimal.clone({ precision: 80, rounding: Decimal.ROUND_HALF_UP, toExpNeg: -80, toExpPos: 80 });
/** An exact decimal number. */
export type Exact = Decimal;

/** The decimals that a figure of a line may have (Anexo 20, t_Importe). */
export const LINE_DECIMALS = 6;
/** The whole digits that a figure may have (Anexo 20, t_Importe). */
const WHOLE_DIGITS = 18;

const DECIMAL = /^\d{1,18}(\.\d{1,6})?$/;

/** Whether the text is a plain decimal figure as Anexo 20 takes it: no sign, no exponent, 18 whole digits, 6 decimals. */
export function isDecimal(text: string): boolean {
  return DECIMAL.test(text);
}

/** Rounds half up to so many decimals. */
export function round(value: Exact, decimals: number): Exact {
  return value.toDecimalPlaces(decimals, Exact.ROUND_HALF_UP);
}

/** Sum of figures. */
export function sum(values: Iterable<Exact>): Exact {
  let total = new Exact(0);
  for (const value of values) total = total.plus(value);
  return total;
}

/** Writes a figure of a line: rounded half up to 6 decimals, no trailing zeros, but never fewer decimals than `atLeast`. */
export function writeLine(value: Exact, atLeast = 2): string {
  const rounded = round(value, LINE_DECIMALS);
  return rounded.toFixed(Math.max(atLeast, rounded.decimalPlaces()));
}

/** Writes a quantity: no trailing zeros at all. */
export function writeQuantity(value: Exact): string {
  return value.toFixed();
}

/** Whether a figure has no more whole digits than Anexo 20 lets it have. */
export function fits(value: Exact): boolean {
  return value.lt(new Exact(10).pow(WHOLE_DIGITS));
}
