/** So many notifications inside the window mean that looking is cheaper than being told: 600 a second. */
const BUSY_NOTIFICATIONS = 60;
const BUSY_WINDOW_MS = 100;
/** Rows found inside the window below which being told is cheaper again: 270 a second. */
const QUIET_ROWS = 27;
const QUIET_WINDOW_MS = 100;

/**
 * How one kind learns of new rows. `told`: each commit notifies (quick, and cheap at a low rate). `looking`: the
 * process claims every millisecond and commits do not notify, because a notification in every transaction halves the
 * rate of commits. Switches with some inertia, so that no rate makes it flap (compare the interrupts of a network
 * card, which are off while packets come thick).
 */
export class Attention {
  #looking = false;
  readonly #notified = new Window(BUSY_WINDOW_MS);
  readonly #found = new Window(QUIET_WINDOW_MS);
  #since = 0;

  get looking(): boolean {
    return this.#looking;
  }

  /** A notification came. True when from now on the kind should look by itself. @param now monotonic, ms. */
  notified(now: number): boolean {
    if (this.#looking) return false;
    if (this.#notified.add(now, 1) < BUSY_NOTIFICATIONS) return false;
    this.#looking = true;
    this.#since = now;
    return true;
  }

  /** A look found `rows` (0 also when no slot was free). True when from now on the kind should be told again. */
  looked(now: number, rows: number): boolean {
    if (!this.#looking) return false;
    const found = this.#found.add(now, rows);
    if (now - this.#since < QUIET_WINDOW_MS || found >= QUIET_ROWS) return false;
    this.#looking = false;
    this.#notified.clear();
    this.#found.clear();
    return true;
  }
}

/** Sum of what was counted in the last so many milliseconds. */
class Window {
  readonly #ms: number;
  readonly #counts: { at: number; count: number }[] = [];
  #sum = 0;

  constructor(ms: number) {
    this.#ms = ms;
  }

  add(now: number, count: number): number {
    if (count > 0) this.#counts.push({ at: now, count });
    this.#sum += count;
    for (let first = this.#counts[0]; first !== undefined && first.at <= now - this.#ms; first = this.#counts[0]) {
      this.#sum -= first.count;
      this.#counts.shift();
    }
    return this.#sum;
  }

  clear(): void {
    this.#counts.length = 0;
    this.#sum = 0;
  }
}
