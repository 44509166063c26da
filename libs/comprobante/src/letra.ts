import { Exact } from './decimales.ts';
import { decimalesDe } from './monedas.ts';

const UNITS =
  'CERO UN DOS TRES CUATRO CINCO SEIS SIETE OCHO NUEVE DIEZ ONCE DOCE TRECE CATORCE QUINCE DIECISÉIS DIECISIETE DIECIOCHO DIECINUEVE VEINTE VEINTIÚN VEINTIDÓS VEINTITRÉS VEINTICUATRO VEINTICINCO VEINTISÉIS VEINTISIETE VEINTIOCHO VEINTINUEVE'.split(
    ' ',
  );
const TENS = 'TREINTA CUARENTA CINCUENTA SESENTA SETENTA OCHENTA NOVENTA'.split(' ');
const HUNDREDS =
  'CIENTO DOSCIENTOS TRESCIENTOS CUATROCIENTOS QUINIENTOS SEISCIENTOS SETECIENTOS OCHOCIENTOS NOVECIENTOS'.split(' ');
/** Long scale: each step is a million times the one before. */
const SCALES: readonly (readonly [one: string, many: string])[] = [
  ['MILLÓN', 'MILLONES'],
  ['BILLÓN', 'BILLONES'],
  ['TRILLÓN', 'TRILLONES'],
];

/** Currencies with a name of their own: one, many, and what follows the cents. */
const NAMES: Readonly<Record<string, readonly [one: string, many: string, mark: string]>> = {
  MXN: ['PESO', 'PESOS', 'M.N.'],
  USD: ['DÓLAR', 'DÓLARES', 'USD'],
  EUR: ['EURO', 'EUROS', 'EUR'],
};

/**
 * An amount in words, as Mexican invoices carry it: `VEINTIÚN PESOS 50/100 M.N.`. Currencies without a name here show
 * their code: `VEINTIÚN 50/100 GBP`; one without cents only the words and the code: `MIL JPY`.
 * @param importe decimal text of at most 18 whole digits; rounded half up to the currency's decimals
 * @throws RangeError for a text that is no such figure, or an unknown currency
 */
export function letra(importe: string, moneda: string): string {
  const decimals = decimalesDe(moneda);
  if (decimals === undefined) throw new RangeError('La moneda no está en el catálogo c_Moneda.');
  if (!/^\d{1,18}(\.\d+)?$/.test(importe)) throw new RangeError('El importe debe ser un decimal sin signo.');
  const [whole = '0', cents = ''] = new Exact(importe).toFixed(decimals).split('.');
  const name = Object.hasOwn(NAMES, moneda) ? NAMES[moneda] : undefined;
  const words = numberInWords(whole);
  const fraction = decimals === 0 ? '' : `${cents}/1${'0'.repeat(decimals)} `;
  if (name === undefined) return `${words} ${fraction}${moneda}`;
  const [one, many, mark] = name;
  const noun = words === 'UN' ? one : many;
  return `${words}${/(ÓN|ONES)$/.test(words) ? ' DE' : ''} ${noun} ${fraction}${mark}`;
}

/** Words of a whole number written in digits, before a masculine noun: `VEINTIÚN`, `CIENTO UN MIL`. */
function numberInWords(digits: string): string {
  const padded = digits.padStart(Math.ceil(digits.length / 6) * 6, '0');
  const groups = padded.match(/\d{6}/g) ?? [];
  const words = groups.flatMap((group, index) => {
    const value = Number(group);
    if (value === 0) return [];
    const scale = SCALES[groups.length - 2 - index];
    if (scale === undefined) return [underMillion(value)];
    return [`${underMillion(value)} ${value === 1 ? scale[0] : scale[1]}`];
  });
  return words.length === 0 ? word(UNITS, 0) : words.join(' ');
}

function underMillion(value: number): string {
  const thousands = Math.trunc(value / 1000);
  const rest = value % 1000;
  const parts: string[] = [];
  if (thousands === 1) parts.push('MIL');
  if (thousands > 1) parts.push(`${underThousand(thousands)} MIL`);
  if (rest > 0) parts.push(underThousand(rest));
  return parts.join(' ');
}

function underThousand(value: number): string {
  if (value === 100) return 'CIEN';
  const hundreds = Math.trunc(value / 100);
  const rest = value % 100;
  const parts: string[] = [];
  if (hundreds > 0) parts.push(word(HUNDREDS, hundreds - 1));
  if (rest > 0) parts.push(underHundred(rest));
  return parts.join(' ');
}

function underHundred(value: number): string {
  if (value < 30) return word(UNITS, value);
  const tens = word(TENS, Math.trunc(value / 10) - 3);
  return value % 10 === 0 ? tens : `${tens} Y ${word(UNITS, value % 10)}`;
}

function word(words: readonly string[], index: number): string {
  return words[index] ?? '';
}
