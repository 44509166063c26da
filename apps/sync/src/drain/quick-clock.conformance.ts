import { HouseClock } from '@nexora/runtime';

/** A clock on which every second lasts a part of one. */
export class QuickClock extends HouseClock {
  readonly #pace: number;

  constructor(pace: number) {
    super();
    this.#pace = pace;
  }

  override monotonic(): number {
    return super.monotonic() * this.#pace;
  }

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return super.sleep(ms / this.#pace, signal);
  }
}
