import { collapse } from '@nexora/comprobante';
import fc from 'fast-check';

/** What breaks readers and writers of invoices: white space of every sort, marks of XML, what looks like an entity. */
const PIECES = [
  ...['Café', 'ñandú', 'ÑOÑO', 'Güera', 'a', 'Z', '7', '0.160000', 'S.A. de C.V.', '%41', '\\n', '{{x}}', '$&'],
  ...['&', '<', '>', '"', "'", '&amp;', '&#x41;', '&#10;', '&lt;b&gt;', '&nada;', ']]>', '<![CDATA[x]]>', '<!-- -->'],
  ...[' ', '  ', '   ', '\t', '\n', '\r', '\r\n', '\t \n'],
  ...['\u00a0', '\u0085', '\u2028', '\u2029', '\u3000', '\u200b', '\ufeff', '\u007f', '\u0080', '\u009f', '\u00ad'],
  ...['😀', '👩‍👩‍👧', '🇲🇽', 'e\u0301', '日本', 'م', '\u{10FFFF}', '\uE000', '\uFFFD'],
];

/** A character that a CFDI must not carry: no XML text, or the sign that parts the cadena original. */
const FORBIDDEN = /[^\u0009\u000A\u000D\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]|\|/gu;

/** A text of 1 to `most` characters, once its white space is collapsed, as no tidy program would write it. */
export function texto(most: number): fc.Arbitrary<string> {
  const wild = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 9 }).map((pieces) => pieces.join(''));
  const any = fc.string({ unit: 'grapheme', minLength: 1, maxLength: Math.min(most, 40) });
  const long = fc.constant('Ñ& '.repeat(most)).map((text) => [...text].slice(0, most).join(''));
  const mixed = fc.oneof(
    { weight: 40, arbitrary: wild },
    { weight: 15, arbitrary: any },
    { weight: 1, arbitrary: long },
  );
  return mixed
    .map((text) => [...text.replace(FORBIDDEN, '')].slice(0, most).join(''))
    .map((text) => (collapse(text) === '' ? `x${text}`.slice(0, most) : text));
}

/** So many digits. */
export function digitos(count: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: count, maxLength: count });
}

/** The value in so many cases of ten, else nothing. */
export function quizas<T>(one: fc.Arbitrary<T>, outOfTen = 6): fc.Arbitrary<T | undefined> {
  const nothing = { weight: 10 - outOfTen, arbitrary: fc.constant(undefined) };
  return fc.oneof({ weight: outOfTen, arbitrary: one }, nothing);
}

/**
 * A positive decimal text of at most so many whole digits and decimals, at times with zeros before or after it and at
 * times at a place where rounding goes wrong.
 */
export function cifra(wholeDigits: number, decimals = 6): fc.Arbitrary<string> {
  const random = fc
    .tuple(fc.integer({ min: 1, max: wholeDigits }), fc.integer({ min: 0, max: decimals }))
    .chain(([whole, places]) =>
      fc.bigInt({ min: 1n, max: 10n ** BigInt(whole + places) - 1n }).map((value) => pointed(value, places)),
    );
  const edges = [
    '1',
    '1.5',
    '0.5',
    '2.675',
    '1.005',
    '0.015',
    '33.333333',
    '0.000001',
    '99.995',
    '0.125',
    '7.10',
    '010',
  ];
  const fitting = edges.filter((edge) => (edge.split('.')[1] ?? '').length <= decimals);
  return fc.oneof({ weight: 4, arbitrary: random }, { weight: 1, arbitrary: fc.constantFrom(...fitting) });
}

function pointed(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, '0');
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
