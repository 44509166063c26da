/** More addresses than this are not remembered; the one that was quiet longest is forgotten first. */
const MAX_ADDRESSES = 10_000;

interface Bucket {
  level: number;
  at: number;
}

/**
 * Counts wrong tokens per address as a leaking bucket: `perMinute` at once, refilled evenly. A right token is never
 * refused because of its neighbours: behind one address sits a whole shop, and 256 random bits are not guessed.
 */
export class FailedTokens {
  readonly #buckets = new Map<string, Bucket>();
  readonly #perMinute: number;
  readonly #monotonic: () => number;

  /** @param monotonic milliseconds that never step. */
  constructor(perMinute: number, monotonic: () => number) {
    this.#perMinute = perMinute;
    this.#monotonic = monotonic;
  }

  /** Counts one wrong token. Answers null while the address is within its measure, else the seconds it should wait. */
  count(address: string): number | null {
    const now = this.#monotonic();
    const old = this.#buckets.get(address) ?? { level: 0, at: now };
    const level = Math.max(0, old.level - ((now - old.at) / 60_000) * this.#perMinute);
    const isOver = level + 1 > this.#perMinute;
    this.#buckets.delete(address);
    this.#buckets.set(address, { level: isOver ? level : level + 1, at: now });
    this.#forgetOldest();
    return isOver ? ((level + 1 - this.#perMinute) * 60) / this.#perMinute : null;
  }

  #forgetOldest(): void {
    if (this.#buckets.size <= MAX_ADDRESSES) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
