import type { Decimal } from './decimal.ts';

/** An exact quotient, for figures that are converted from another currency; both numbers are above zero or zero. */
export class Ratio {
  static readonly zero = new Ratio(0n, 1n);

  private readonly over: bigint;
  private readonly under: bigint;

  private constructor(over: bigint, under: bigint) {
    this.over = over;
    this.under = under;
  }

  /** `value` divided by `by`. Errors: RangeError when `by` is zero. */
  static of(value: Decimal, by?: Decimal): Ratio {
    const ten = (scale: number): bigint => 10n ** BigInt(scale);
    if (by === undefined) return new Ratio(value.units, ten(value.scale));
    if (by.units === 0n) throw new RangeError('Division by zero');
    return new Ratio(value.units * ten(by.scale), ten(value.scale) * by.units);
  }

  plus(other: Ratio): Ratio {
    return new Ratio(this.over * other.under + other.over * this.under, this.under * other.under);
  }

  compare(other: Ratio): number {
    const difference = this.over * other.under - other.over * this.under;
    return difference === 0n ? 0 : difference < 0n ? -1 : 1;
  }

  /** Whether `written` is this quotient, cut or rounded half up at the decimals with which it is written. */
  isWrittenAs({ units, scale }: Decimal): boolean {
    const scaled = this.over * 10n ** BigInt(scale);
    return units === scaled / this.under || units === (2n * scaled + this.under) / (2n * this.under);
  }
}
