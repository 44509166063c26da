import { Decimal } from 'decimal.js';

/** Decimal arithmetic of this library: exact for every product of two figures of a CFDI, rounded half up. */
export const Exact = Decimal.clone({ precision: 80, rounding: Decimal.ROUND_HALF_UP, toExpNeg: -80, toExpPos: 80 });
/** An exact decimal number. */
export type Exact = Decimal;

/** The decimals that a figure of a line may have (Anexo 20, t_Importe). */
export const LINE_DECIMALS = 6;
/** The first number with more whole digits than a figure may have: 18 (Anexo 20, t_Importe). */
const TOO_GREAT = new Exact('1e18');

/** Why a text is no figure: each form of fault with its words; the last one takes all that is left. */
const FAULTS: readonly (readonly [form: RegExp, words: string])[] = [
  [/^[\t\n\r ]*$/, 'está vacío'],
  [/^-\d/, 'es negativo'],
  [/^\d{1,18}\.\d{7,}$/, 'tiene más de 6 decimales'],
  [/^\d{19,}(\.\d+)?$/, 'tiene más de 18 enteros'],
  [/^\d{1,3}(,\d{3})+(\.\d+)?$/, 'lleva comas'],
  [/^\d+(\.\d+)?[eE][+-]?\d+$/, 'lleva exponente'],
  [/^/, 'no es un número decimal'],
];

/** What is wrong with a text that `isDecimal` refuses: `tiene más de 6 decimales`. */
export function faultOfDecimal(text: string): string {
  return FAULTS.find(([form]) => form.test(text))?.[1] ?? '';
}

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
  return value.lt(TOO_GREAT);
}
