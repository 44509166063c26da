import { describe, expect, it } from '@jest/globals';
import { Decimal } from './decimal.ts';

const text = (value: Decimal): string => value.toString();

describe('decimals of the sandbox', () => {
  it('add, subtract and multiply exactly', () => {
    expect(text(Decimal.of('0.1').plus(Decimal.of('0.2')))).toBe('0.3');
    expect(text(Decimal.of('1').minus(Decimal.of('1.000001')))).toBe('-0.000001');
    expect(text(Decimal.of('33.33').times(Decimal.of('0.160000')))).toBe('5.33280000');
    expect(text(Decimal.sum([Decimal.of('9'), Decimal.of('0.09')]))).toBe('9.09');
  });

  it('round half away from zero, cut and round up', () => {
    expect(['2.005', '2.004999', '-0', '7'].slice(0, 2).map((value) => text(Decimal.of(value).rounded(2)))).toEqual([
      '2.01',
      '2.00',
    ]);
    expect(text(Decimal.zero.minus(Decimal.of('2.005')).rounded(2))).toBe('-2.01');
    expect(text(Decimal.of('2.019').truncated(2))).toBe('2.01');
    expect(text(Decimal.of('2.011').ceiled(2))).toBe('2.02');
    expect(text(Decimal.of('2.01').ceiled(2))).toBe('2.01');
    expect(text(Decimal.of('2').rounded(2))).toBe('2.00');
  });

  it('compare by value and not by how they are written', () => {
    expect(Decimal.of('1.0').equals(Decimal.of('1'))).toBe(true);
    expect(Decimal.of('0.999999999999999999999999').compare(Decimal.of('1'))).toBe(-1);
  });

  it('refuse what is not plain decimal notation', () => {
    for (const value of ['', '-1', '1e3', '.5', '1.', ' 1', 'NaN']) expect(() => Decimal.of(value)).toThrow(RangeError);
  });
});
