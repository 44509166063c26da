/** Exact decimal on a big integer. Small on purpose: what the sums of a comprobante need, and no library that the agent uses. */
export class Decimal {
  static readonly zero = new Decimal(0n, 0);

  readonly units: bigint;
  /** Decimals as written: '33.30' has 2. */
  readonly scale: number;

  private constructor(units: bigint, scale: number) {
    this.units = units;
    this.scale = scale;
  }

  /** Reads plain decimal notation; absent counts as zero. Errors: RangeError for anything else. */
  static of(text: string | undefined): Decimal {
    if (text === undefined) return Decimal.zero;
    const match = /^([0-9]+)(?:\.([0-9]+))?$/.exec(text);
    if (match === null) throw new RangeError('Not a decimal');
    const fraction = match[2] ?? '';
    return new Decimal(BigInt(`${match[1]}${fraction}`), fraction.length);
  }

  static sum(values: Iterable<Decimal>): Decimal {
    let total = Decimal.zero;
    for (const value of values) total = total.plus(value);
    return total;
  }

  /** Half of the last written place: how far the true figure may lie from the written one. */
  get halfPlace(): Decimal {
    return new Decimal(5n, this.scale + 1);
  }

  plus(other: Decimal): Decimal {
    const scale = Math.max(this.scale, other.scale);
    return new Decimal(this.at(scale) + other.at(scale), scale);
  }

  minus(other: Decimal): Decimal {
    const scale = Math.max(this.scale, other.scale);
    return new Decimal(this.at(scale) - other.at(scale), scale);
  }

  times(other: Decimal): Decimal {
    return new Decimal(this.units * other.units, this.scale + other.scale);
  }

  /** To `scale` decimals, half away from zero. */
  rounded(scale: number): Decimal {
    if (scale >= this.scale) return new Decimal(this.at(scale), scale);
    const divisor = 10n ** BigInt(this.scale - scale);
    const half = this.units < 0n ? -divisor / 2n : divisor / 2n;
    return new Decimal((this.units + half) / divisor, scale);
  }

  /** To `scale` decimals, towards zero. */
  truncated(scale: number): Decimal {
    if (scale >= this.scale) return new Decimal(this.at(scale), scale);
    return new Decimal(this.units / 10n ** BigInt(this.scale - scale), scale);
  }

  /** To `scale` decimals, up whenever something is left over. */
  ceiled(scale: number): Decimal {
    const floor = this.truncated(scale);
    return floor.compare(this) < 0 ? new Decimal(floor.units + 1n, scale) : floor;
  }

  compare(other: Decimal): number {
    const scale = Math.max(this.scale, other.scale);
    const difference = this.at(scale) - other.at(scale);
    return difference === 0n ? 0 : difference < 0n ? -1 : 1;
  }

  equals(other: Decimal): boolean {
    return this.compare(other) === 0;
  }

  toString(): string {
    const digits = (this.units < 0n ? -this.units : this.units).toString().padStart(this.scale + 1, '0');
    const whole = digits.slice(0, digits.length - this.scale);
    const text = this.scale === 0 ? whole : `${whole}.${digits.slice(-this.scale)}`;
    return this.units < 0n ? `-${text}` : text;
  }

  private at(scale: number): bigint {
    return this.units * 10n ** BigInt(scale - this.scale);
  }
}
