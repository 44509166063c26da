import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { renglones, renglonesSinPalabras } from './renglones.ts';

const one = (): number => 1;
const widthOf = (line: string): number => [...line].length;

describe('the lines of a text', () => {
  it.each([
    ['uno dos tres', 8, ['uno dos', 'tres']],
    ['uno dos', 7, ['uno dos']],
    ['uno  dos', 4, ['uno', 'dos']],
    ['abcdefgh', 3, ['abc', 'def', 'gh']],
    ['a abcdef', 4, ['a', 'abcd', 'ef']],
    ['12-34/56', 4, ['12-', '34/', '56']],
    ['uno\ndos', 9, ['uno', 'dos']],
    ['', 9, ['']],
    ['🌮🎉🌮', 2, ['🌮🎉', '🌮']],
  ])('%j in %i: %j', (text, width, lines) => {
    expect(renglones(text, width, one)).toEqual(lines);
  });

  it('are never wider than the room, and lose nothing but spaces', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'ñ', ' ', '-', '/', '🌮', '咖'), maxLength: 60 }),
        fc.integer({ min: 1, max: 12 }),
        (text, width) => {
          const lines = renglones(text, width, one);
          expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(width);
          expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
          expect(renglonesSinPalabras(text, width, one).join('')).toBe(text);
        },
      ),
    );
  });

  it('of a seal are full', () => {
    expect(renglonesSinPalabras('ab/cd ef=', 4, one)).toEqual(['ab/c', 'd ef', '=']);
  });
});
