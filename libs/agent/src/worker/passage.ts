import type { Clock } from '@nexora/runtime';
import { within } from '../loops.ts';

/** What is under way when the passage closes gets this long to end; then whoever closed it comes again later. */
const CLEARED_WITHIN_MS = 1_000;

/** Claims pass here side by side; it can be closed for a moment, for what may only be done while none is under way. */
export class Passage {
  readonly #clock: Clock;
  #passing = 0;
  #waiting = 0;
  #opened: Promise<void> | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True when no claim passes, and none waits to. */
  get still(): boolean {
    return this.#passing === 0 && this.#waiting === 0;
  }

  /** Runs a claim, with the taking of its rows. It waits while the passage is closed. */
  async through<T>(claim: () => Promise<T>): Promise<T> {
    this.#waiting++;
    while (this.#opened !== undefined) await this.#opened;
    this.#waiting--;
    this.#passing++;
    try {
      return await claim();
    } finally {
      this.#passing--;
      if (this.#passing === 0) this.#onEmpty?.();
    }
  }

  /**
   * Closes, waits until nothing passes, runs `work`, and opens again. One at a time.
   * @returns Undefined, and `work` was not run, when a claim took too long to end.
   */
  async closed<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.#opened !== undefined) return undefined;
    let open: () => void = () => undefined;
    this.#opened = new Promise((resolve) => (open = resolve));
    try {
      return (await this.#cleared()) ? await work() : undefined;
    } finally {
      this.#opened = undefined;
      open();
    }
  }

  async #cleared(): Promise<boolean> {
    if (this.#passing === 0) return true;
    const empty = new Promise<boolean>((resolve) => (this.#onEmpty = () => resolve(true)));
    const cleared = await within(this.#clock, CLEARED_WITHIN_MS, empty, false);
    this.#onEmpty = undefined;
    return cleared;
  }
}
