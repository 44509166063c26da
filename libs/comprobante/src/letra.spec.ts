import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { letra } from './letra.ts';

describe('letra', () => {
  it.each([
    ['0.00', 'MXN', 'CERO PESOS 00/100 M.N.'],
    ['0.01', 'MXN', 'CERO PESOS 01/100 M.N.'],
    ['0.50', 'MXN', 'CERO PESOS 50/100 M.N.'],
    ['1.00', 'MXN', 'UN PESO 00/100 M.N.'],
    ['1.01', 'MXN', 'UN PESO 01/100 M.N.'],
    ['2', 'MXN', 'DOS PESOS 00/100 M.N.'],
    ['15.5', 'MXN', 'QUINCE PESOS 50/100 M.N.'],
    ['16', 'MXN', 'DIECISÉIS PESOS 00/100 M.N.'],
    ['20', 'MXN', 'VEINTE PESOS 00/100 M.N.'],
    ['21.50', 'MXN', 'VEINTIÚN PESOS 50/100 M.N.'],
    ['22.00', 'MXN', 'VEINTIDÓS PESOS 00/100 M.N.'],
    ['23', 'MXN', 'VEINTITRÉS PESOS 00/100 M.N.'],
    ['24', 'MXN', 'VEINTICUATRO PESOS 00/100 M.N.'],
    ['25', 'MXN', 'VEINTICINCO PESOS 00/100 M.N.'],
    ['26', 'MXN', 'VEINTISÉIS PESOS 00/100 M.N.'],
    ['27', 'MXN', 'VEINTISIETE PESOS 00/100 M.N.'],
    ['28', 'MXN', 'VEINTIOCHO PESOS 00/100 M.N.'],
    ['29', 'MXN', 'VEINTINUEVE PESOS 00/100 M.N.'],
    ['30', 'MXN', 'TREINTA PESOS 00/100 M.N.'],
    ['31.00', 'MXN', 'TREINTA Y UN PESOS 00/100 M.N.'],
    ['99.99', 'MXN', 'NOVENTA Y NUEVE PESOS 99/100 M.N.'],
    ['100', 'MXN', 'CIEN PESOS 00/100 M.N.'],
    ['101', 'MXN', 'CIENTO UN PESOS 00/100 M.N.'],
    ['115.99', 'MXN', 'CIENTO QUINCE PESOS 99/100 M.N.'],
    ['121', 'MXN', 'CIENTO VEINTIÚN PESOS 00/100 M.N.'],
    ['200', 'MXN', 'DOSCIENTOS PESOS 00/100 M.N.'],
    ['500', 'MXN', 'QUINIENTOS PESOS 00/100 M.N.'],
    ['700', 'MXN', 'SETECIENTOS PESOS 00/100 M.N.'],
    ['777', 'MXN', 'SETECIENTOS SETENTA Y SIETE PESOS 00/100 M.N.'],
    ['900', 'MXN', 'NOVECIENTOS PESOS 00/100 M.N.'],
    ['999', 'MXN', 'NOVECIENTOS NOVENTA Y NUEVE PESOS 00/100 M.N.'],
    ['1000.00', 'MXN', 'MIL PESOS 00/100 M.N.'],
    ['1001', 'MXN', 'MIL UN PESOS 00/100 M.N.'],
    ['1100', 'MXN', 'MIL CIEN PESOS 00/100 M.N.'],
    ['2000', 'MXN', 'DOS MIL PESOS 00/100 M.N.'],
    ['21000', 'MXN', 'VEINTIÚN MIL PESOS 00/100 M.N.'],
    ['31001', 'MXN', 'TREINTA Y UN MIL UN PESOS 00/100 M.N.'],
    ['100000', 'MXN', 'CIEN MIL PESOS 00/100 M.N.'],
    ['101000', 'MXN', 'CIENTO UN MIL PESOS 00/100 M.N.'],
    ['1000000.00', 'MXN', 'UN MILLÓN DE PESOS 00/100 M.N.'],
    ['1000000.01', 'MXN', 'UN MILLÓN DE PESOS 01/100 M.N.'],
    ['1000001', 'MXN', 'UN MILLÓN UN PESOS 00/100 M.N.'],
    ['1001000', 'MXN', 'UN MILLÓN MIL PESOS 00/100 M.N.'],
    ['2000000', 'MXN', 'DOS MILLONES DE PESOS 00/100 M.N.'],
    ['21000000', 'MXN', 'VEINTIÚN MILLONES DE PESOS 00/100 M.N.'],
    ['101000000', 'MXN', 'CIENTO UN MILLONES DE PESOS 00/100 M.N.'],
    ['100000000', 'MXN', 'CIEN MILLONES DE PESOS 00/100 M.N.'],
    [
      '123456789.12',
      'MXN',
      'CIENTO VEINTITRÉS MILLONES CUATROCIENTOS CINCUENTA Y SEIS MIL SETECIENTOS OCHENTA Y NUEVE PESOS 12/100 M.N.',
    ],
    [
      '999999999.99',
      'MXN',
      'NOVECIENTOS NOVENTA Y NUEVE MILLONES NOVECIENTOS NOVENTA Y NUEVE MIL NOVECIENTOS NOVENTA Y NUEVE PESOS 99/100 M.N.',
    ],
    ['1000000000', 'MXN', 'MIL MILLONES DE PESOS 00/100 M.N.'],
    ['1000000000000', 'MXN', 'UN BILLÓN DE PESOS 00/100 M.N.'],
    ['1000001000000', 'MXN', 'UN BILLÓN UN MILLÓN DE PESOS 00/100 M.N.'],
    [
      '999999999999999999.99',
      'MXN',
      'NOVECIENTOS NOVENTA Y NUEVE MIL NOVECIENTOS NOVENTA Y NUEVE BILLONES NOVECIENTOS NOVENTA Y NUEVE MIL NOVECIENTOS NOVENTA Y NUEVE MILLONES NOVECIENTOS NOVENTA Y NUEVE MIL NOVECIENTOS NOVENTA Y NUEVE PESOS 99/100 M.N.',
    ],
    ['0', 'USD', 'CERO DÓLARES 00/100 USD'],
    ['1', 'USD', 'UN DÓLAR 00/100 USD'],
    ['2', 'USD', 'DOS DÓLARES 00/100 USD'],
    ['101.10', 'USD', 'CIENTO UN DÓLARES 10/100 USD'],
    ['1000000', 'USD', 'UN MILLÓN DE DÓLARES 00/100 USD'],
    ['21.50', 'EUR', 'VEINTIÚN EUROS 50/100 EUR'],
    ['1', 'EUR', 'UN EURO 00/100 EUR'],
    ['3000000.30', 'EUR', 'TRES MILLONES DE EUROS 30/100 EUR'],
    ['21.50', 'GBP', 'VEINTIÚN 50/100 GBP'],
    ['1000000', 'GBP', 'UN MILLÓN 00/100 GBP'],
    ['1000', 'JPY', 'MIL JPY'],
    ['0', 'JPY', 'CERO JPY'],
    ['1.234', 'KWD', 'UN 234/1000 KWD'],
    ['0.0001', 'CLF', 'CERO 0001/10000 CLF'],
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

  it('says every whole number up to ten thousand, and those beside each power of ten', () => {
    const wrong: string[] = [];
    const check = (whole: bigint): void => {
      if (!saysBack(whole, 7n, 'MXN')) wrong.push(letra(`${whole}.07`, 'MXN'));
    };
    for (let whole = 0n; whole <= 10_000n; whole += 1n) check(whole);
    for (let power = 10_000n; power <= 1_000_000_000n; power *= 10n) {
      for (let beside = -30n; beside <= 30n; beside += 1n) check(power + beside);
    }
    expect(wrong).toEqual([]);
  });

  it('says any amount from 0.00 to 999,999,999.99 in every sort of currency', () => {
    const amounts = fc.tuple(
      fc.oneof(
        ...[999n, 999_999n, 999_999_999n].map((max) => fc.bigInt({ min: 0n, max })),
        fc.bigInt({ min: 0n, max: 999_999n }).map((thousands) => thousands * 1000n),
      ),
      fc.bigInt({ min: 0n, max: 99n }),
      fc.constantFrom('MXN', 'USD', 'EUR', 'CAD'),
    );
    fc.assert(
      fc.property(amounts, ([whole, cents, moneda]) => saysBack(whole, cents, moneda)),
      { numRuns: 20_000 },
    );
  });
});

/** Nouns of one and of many, and the mark behind the cents. */
const NOUNS: Readonly<Record<string, readonly [one: string, many: string, mark: string]>> = {
  MXN: [' PESO', ' PESOS', 'M.N.'],
  USD: [' DÓLAR', ' DÓLARES', 'USD'],
  EUR: [' EURO', ' EUROS', 'EUR'],
  CAD: ['', '', 'CAD'],
};

/** Whether the words, read back by an own reader, say that amount, with the right noun and nothing else. */
function saysBack(whole: bigint, cents: bigint, moneda: string): boolean {
  const text = letra(`${whole}.${cents.toString().padStart(2, '0')}`, moneda);
  const [one, many, mark] = NOUNS[moneda]!;
  const isRound = whole >= 1_000_000n && whole % 1_000_000n === 0n;
  const noun = `${isRound && many !== '' ? ' DE' : ''}${whole === 1n ? one : many}`;
  const end = `${noun} ${cents.toString().padStart(2, '0')}/100 ${mark}`;
  const words = text.slice(0, -end.length);
  return text.endsWith(end) && GRAMMAR.test(words) && readBack(words) === whole;
}

/** How whole numbers below a thousand millions are said before a masculine noun: `UN MIL`, `CIENTO MIL` are wrong. */
const GRAMMAR = ((): RegExp => {
  const unit = '(?:UN|DOS|TRES|CUATRO|CINCO|SEIS|SIETE|OCHO|NUEVE)';
  const teen = '(?:DIEZ|ONCE|DOCE|TRECE|CATORCE|QUINCE|DIECI(?:SÉIS|SIETE|OCHO|NUEVE))';
  const twenty = '(?:VEINTE|VEINTI(?:ÚN|DÓS|TRÉS|CUATRO|CINCO|SÉIS|SIETE|OCHO|NUEVE))';
  const ten = '(?:TREINTA|CUARENTA|CINCUENTA|SESENTA|SETENTA|OCHENTA|NOVENTA)';
  const small = `(?:${unit}|${teen}|${twenty}|${ten}(?: Y ${unit})?)`;
  const hundred = '(?:(?:DOS|TRES|CUATRO|SEIS|OCHO)CIENTOS|QUINIENTOS|SETECIENTOS|NOVECIENTOS)';
  const group = `(?:${small}|CIEN|CIENTO ${small}|${hundred}(?: ${small})?)`;
  const thousands = `(?:(?:(?!UN MIL)${group} )?MIL(?: ${group})?|${group})`;
  return new RegExp(`^(?:CERO|${thousands}|(?:UN MILLÓN|(?!UN )${thousands} MILLONES)(?: ${thousands})?)$`);
})();

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
      if (!/^([MB]ILLÓN|[MB]ILLONES)$/.test(word)) throw new Error(`no number: "${word}" in ${words}`);
      const scale = word.startsWith('BILL') ? 10n ** 12n : 10n ** 6n;
      total += (group + part) * scale;
      group = part = 0n;
    }
  }
  return total + group + part;
}
