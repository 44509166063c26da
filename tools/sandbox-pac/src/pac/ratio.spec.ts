import { describe, expect, it } from '@jest/globals';
import { Decimal } from './decimal.ts';
import { Ratio } from './ratio.ts';

const of = (value: string, by?: string): Ratio =>
  Ratio.of(Decimal.of(value), by === undefined ? undefined : Decimal.of(by));

describe('an exact quotient', () => {
  it('adds and compares without rounding', () => {
    const thirds = of('1', '3').plus(of('1', '3')).plus(of('1', '3'));
    expect(thirds.compare(of('1'))).toBe(0);
    expect(of('1', '3').compare(of('0.333333'))).toBe(1);
    expect(of('0.5', '0.25').compare(of('2.1'))).toBe(-1);
    expect(Ratio.zero.compare(of('0.00'))).toBe(0);
  });

  it('is written cut or rounded at any number of decimals', () => {
    const written = ['0.66', '0.67', '0.666666', '0.666667', '1', '0'].map((text) =>
      of('2', '3').isWrittenAs(Decimal.of(text)),
    );
    expect(written).toEqual([true, true, true, true, true, true]);
    expect(of('2', '3').isWrittenAs(Decimal.of('0.65'))).toBe(false);
    expect(of('2', '3').isWrittenAs(Decimal.of('0.668'))).toBe(false);
  });

  it('is none of zero', () => {
    expect(() => of('1', '0.00')).toThrow(RangeError);
  });
});
