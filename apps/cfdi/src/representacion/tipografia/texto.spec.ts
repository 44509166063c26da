import { expect, it } from '@jest/globals';
import { imprimible } from './texto.ts';

it.each([
  ['Café & Ñandú, 50 % < 1', 'Café & Ñandú, 50 % < 1'],
  ['a\u00a0b', 'a\u00a0b'],
  ['uno\n\tdos\u2028tres\u0085cuatro\u3000cinco', 'uno dos tres cuatro cinco'],
  ['e\u0301', 'é'],
  ['ver\u00addad', 'verdad'],
  ['a\u200bb\ufe0fc\u202ed\ufeff', 'abcd'],
  ['👩\u200d👧', '👩👧'],
  ['🏴\u{e0067}\u{e007f}', '🏴'],
  ['咖啡', '咖啡'],
])('%j is set as %j', (text, set) => {
  expect(imprimible(text)).toBe(set);
});
