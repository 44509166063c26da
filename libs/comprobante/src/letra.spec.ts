import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { letra } from './letra.ts';

describe('letra', () => {
  it.each([
    ['0.00', 'MXN', 'CERO PESOS 00/100 M.N.'],
    ['0.50', 'MXN', 'CERO PESOS 50/100 M.N.'],
    ['1.00', 'MXN', 'UN PESO 00/100 M.N.'],
    ['16', 'MXN', 'DIECISÉIS PESOS 00/100 M.N.'],
    ['21.50', 'MXN', 'VEINTIÚN PESOS 50/100 M.N.'],
    ['22.00', 'MXN', 'VEINTIDÓS PESOS 00/100 M.N.'],
    ['31.00', 'MXN', 'TREINTA Y UN PESOS 00/100 M.N.'],
    ['100', 'MXN', 'CIEN PESOS 00/100 M.N.'],
    ['101', 'MXN', 'CIENTO UN PESOS 00/100 M.N.'],
    ['115.99', 'MXN', 'CIENTO QUINCE PESOS 99/100 M.N.'],
    ['500', 'MXN', 'QUINIENTOS PESOS 00/100 M.N.'],
    ['777', 'MXN', 'SETECIENTOS SETENTA Y SIETE PESOS 00/100 M.N.'],
    ['999', 'MXN', 'NOVECIENTOS NOVENTA Y NUEVE PESOS 00/100 M.N.'],
    ['1000.00', 'MXN', 'MIL PESOS 00/100 M.N.'],
    ['1001', 'MXN', 'MIL UN PESOS 00/100 M.N.'],
    ['21000', 'MXN', 'VEINTIÚN MIL PESOS 00/100 M.N.'],
    ['100000', 'MXN', 'CIEN MIL PESOS 00/100 M.N.'],
    ['101000', 'MXN', 'CIENTO UN MIL PESOS 00/100 M.N.'],
    ['1000000.00', 'MXN', 'UN MILLÓN DE PESOS 00/100 M.N.'],
    ['1000001', 'MXN', 'UN MILLÓN UN PESOS 00/100 M.N.'],
    ['1001000', 'MXN', 'UN MILLÓN MIL PESOS 00/100 M.N.'],
    ['2000000', 'MXN', 'DOS MILLONES DE PESOS 00/100 M.N.'],
    ['21000000', 'MXN', 'VEINTIÚN MILLONES DE PESOS 00/100 M.N.'],
    ['1000000000', 'MXN', 'MIL MILLONES DE PESOS 00/100 M.N.'],
    ['1000000000000', 'MXN', 'UN BILLÓN DE PESOS 00/100 M.N.'],
    ['1000001000000', 'MXN', 'UN BILLÓN UN MILLÓN DE PESOS 00/100 M.N.'],
    [
      '999999999999999999.99',
      'MXN',
      'NOVECIENTOS NOVENTA Y NUEVE MIL NOVECIENTOS NOVENTA Y NUEVE BILLONES NOVECIENTOS NOVENTA Y NUEVE MIL NOVECIENTOS NOVENTA Y NUEVE MILLONES NOVECIENTOS NOVENTA Y NUEVE MIL NOVECIENTOS NOVENTA Y NUEVE PESOS 99/100 M.N.',
    ],
    ['1', 'USD', 'UN DÓLAR 00/100 USD'],
    ['2', 'USD', 'DOS DÓLARES 00/100 USD'],
    ['1000000', 'USD', 'UN MILLÓN DE DÓLARES 00/100 USD'],
    ['21.50', 'EUR', 'VEINTIÚN EUROS 50/100 EUR'],
    ['1', 'EUR', 'UN EURO 00/100 EUR'],
    ['21.50', 'GBP', 'VEINTIÚN 50/100 GBP'],
    ['1000', 'JPY', 'MIL JPY'],
    ['1.234', 'KWD', 'UN 234/1000 KWD'],
  ])('writes %s %s as %s', (importe, moneda, expected) => {
    expect(letra(importe, moneda)).toBe(expected);
  });

  it('rounds to cents before it writes, so that no figure reads 100/100', () => {
    expect(letra('0.999', 'MXN')).toBe('UN PESO 00/100 M.N.');
    expect(letra('0.995', 'MXN')).toBe('UN PESO 00/100 M.N.');
    expect(letra('0.994', 'MXN')).toBe('CERO PESOS 99/100 M.N.');
  });

  it('ignores zeros in front', () => {
    expect(letra('000000000000000021', 'MXN')).toBe('VEINTIÚN PESOS 00/100 M.N.');
  });

  it.each([['-1'], ['1,000'], ['1e3'], [''], ['.5'], ['abc'], ['1234567890123456789']])('refuses "%s"', (importe) => {
    expect(() => letra(importe, 'MXN')).toThrow(RangeError);
  });

  it('refuses a currency that the catalogue does not know', () => {
    expect(() => letra('1', 'ABC')).toThrow(RangeError);
    expect(() => letra('1', 'toString')).toThrow(RangeError);
  });

  it('says the number that it was given, read back word by word', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }), (whole) => {
        const words = letra(whole.toString(), 'GBP').replace(/ 00\/100 GBP$/, '');
        expect(readBack(words)).toBe(whole);
      }),
    );
  });
});

const VALUES: Readonly<Record<string, bigint>> = Object.fromEntries(
  [
    'CERO UN DOS TRES CUATRO CINCO SEIS SIETE OCHO NUEVE DIEZ ONCE DOCE TRECE CATORCE QUINCE DIECISÉIS DIECISIETE DIECIOCHO DIECINUEVE VEINTE VEINTIÚN VEINTIDÓS VEINTITRÉS VEINTICUATRO VEINTICINCO VEINTISÉIS VEINTISIETE VEINTIOCHO VEINTINUEVE'
      .split(' ')
      .map((word, index) => [word, BigInt(index)] as const),
    'TREINTA CUARENTA CINCUENTA SESENTA SETENTA OCHENTA NOVENTA'
      .split(' ')
      .map((word, index) => [word, BigInt(30 + index * 10)] as const),
    'CIENTO DOSCIENTOS TRESCIENTOS CUATROCIENTOS QUINIENTOS SEISCIENTOS SETECIENTOS OCHOCIENTOS NOVECIENTOS'
      .split(' ')
      .map((word, index) => [word, BigInt((index + 1) * 100)] as const),
    [['CIEN', 100n] as const],
  ].flat(),
);

/** Adds up the words: an own way back, so that the test does not repeat the code. */
function readBack(words: string): bigint {
  let total = 0n;
  let group = 0n;
  let part = 0n;
  for (const word of words.split(' ')) {
    const value = VALUES[word];
    if (value !== undefined) part += value;
    else if (word === 'MIL') {
      group += (part === 0n ? 1n : part) * 1000n;
      part = 0n;
    } else if (word !== 'Y') {
      const scale = word.startsWith('BILL') ? 10n ** 12n : 10n ** 6n;
      total += (group + part) * scale;
      group = part = 0n;
    }
  }
  return total + group + part;
}
