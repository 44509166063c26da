import { describe, expect, it } from '@jest/globals';
import { duplicateNames } from './test-names.ts';

describe('duplicateNames', () => {
  it('finds a name that stands twice in one suite', () => {
    expect(duplicateNames('x.spec.ts', `describe('s', () => { it('a', f); it('a', f); });`)).toEqual(['s > a']);
  });

  it('tells suites apart', () => {
    expect(
      duplicateNames('x.spec.ts', `describe('s', () => { it('a', f); }); describe('t', () => { it('a', f); });`),
    ).toEqual([]);
  });

  it('reads through a condition', () => {
    expect(duplicateNames('x.spec.ts', `itWhen(xsd)('a', f); it('a', f);`)).toEqual(['a']);
  });

  it('leaves computed names alone', () => {
    expect(
      duplicateNames('x.spec.ts', "it.each(rows)('a', f); it.each(rows)('a', f); it(`${x}`, f); it(`${x}`, f);"),
    ).toEqual([]);
  });
});
