import type { Clock } from '@nexora/runtime';
import type { Roster } from './roster.ts';

/** Rows that must run alone get this much time in a row before the others go on. */
const FOR_MS = 1_000;
/** Pauses between drains that brought nothing. */
const FIRST_VAIN_MS = 2_000;
const LONGEST_VAIN_MS = 30_000;

/** What running rows alone needs of the claims. */
export interface AloneParts {
  readonly clock: Clock;
  readonly roster: Roster;
  /** True when nothing of the process is under way but what the roster tells. */
  readonly still: () => boolean;
  /** Claims and starts one row that must run alone; false when there is none. */
  readonly claim: () => Promise<boolean>;
  /** The others may claim again. */
  readonly goOn: () => void;
}

/**
 * Rows whose worker was lost while it ran them run with nothing beside them: the process drains, runs such rows one
 * after another for a while, and goes on (spec/ledger.md, "Attempts and losses").
 */
export class AloneRows {
  readonly #parts: AloneParts;
  #draining = false;
  #taking = false;
  #vainMs = 0;
  #notBefore = 0;

  constructor(parts: AloneParts) {
    this.#parts = parts;
  }

  /** True while nothing else may be claimed. */
  get draining(): boolean {
    return this.#draining;
  }

  /** The poll says that such rows wait. */
  wait(): void {
    if (this.#parts.clock.monotonic() >= this.#notBefore) this.#draining = true;
  }

  /** Takes them if the process is empty by now. */
  async take(): Promise<void> {
    const { roster, still, goOn } = this.#parts;
    if (!this.#draining || this.#taking || roster.size > 0 || !still()) return;
    this.#taking = true;
    this.#rest(await this.#runSome());
    this.#taking = false;
    this.#draining = false;
    goOn();
  }

  async #runSome(): Promise<number> {
    const { clock, roster, claim, still } = this.#parts;
    const began = clock.monotonic();
    let ran = 0;
    while (await claim()) {
      ran++;
      await roster.whenEmpty();
      if (clock.monotonic() - began > FOR_MS || !still()) break;
    }
    return ran;
  }

  /** Rows may wait alone that are held: draining for them again and again would idle everybody else. */
  #rest(ran: number): void {
    this.#vainMs = ran > 0 ? 0 : Math.min(Math.max(this.#vainMs * 2, FIRST_VAIN_MS), LONGEST_VAIN_MS);
    this.#notBefore = this.#parts.clock.monotonic() + this.#vainMs;
  }
}
