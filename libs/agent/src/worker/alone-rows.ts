import type { Clock } from '@nexora/runtime';
import { pause } from '../loops.ts';

/** Rows that must run alone get this much time in a row before the others go on. */
const FOR_MS = 1_000;
/** Nobody waits longer than this for the jobs of others to end. */
const DRAIN_MS = 5_000;
/** What a drain waits longer for outcomes that are on their way to the ledger. */
const ALMOST_MS = 1_000;
/** Pauses between drains that brought nothing. */
const FIRST_VAIN_MS = 2_000;
const LONGEST_VAIN_MS = 30_000;

/** A job that runs beside. */
export interface Occupant {
  readonly kind: string;
  /** True when its handler has ended, and only its outcome is on its way to the ledger. */
  readonly released: boolean;
}

/** What running rows alone needs of the claims. */
export interface AloneParts {
  readonly clock: Clock;
  readonly roster: {
    readonly size: number;
    all(): readonly Occupant[];
    whenEmpty(): Promise<void>;
  };
  /** True when nothing of the process is under way but what the roster tells. */
  readonly still: () => boolean;
  /** Claims and starts one row that must run alone; false when there is none. */
  readonly claim: () => Promise<boolean>;
  /** The others may claim again. */
  readonly goOn: () => void;
  /** Aborts when the process takes no more work. */
  readonly signal: AbortSignal;
}

/**
 * Rows whose worker was lost while it ran them run with nothing beside them: the process drains, runs such rows one
 * after another for a while, and goes on (spec/ledger.md, "Attempts and losses").
 *
 * A drain lasts 5 s at most, then the others go on although the rows still wait. It is tried again after a while, and
 * at once when the last job that outlasted it has ended, before its slot is taken anew. Where that is not enough, since
 * a kind always has some long job running, the kinds whose own jobs outlast drain after drain claim nothing for a while
 * (4 s, then twice as long, at most 30 s); the others never notice.
 */
export class AloneRows {
  readonly #parts: AloneParts;
  #drain: symbol | undefined;
  #taking = false;
  #vainDrains = 0;
  #notBefore = 0;
  #outlasting: readonly Occupant[] = [];
  readonly #heldBack = new Set<string>();

  constructor(parts: AloneParts) {
    this.#parts = parts;
  }

  /** True while nothing else may be claimed. */
  get draining(): boolean {
    return this.#drain !== undefined;
  }

  /** True while a kind claims nothing because its own jobs outlasted drain after drain. */
  holdsBack(kind: string): boolean {
    return this.#heldBack.has(kind);
  }

  /** The poll says that such rows wait. */
  wait(): void {
    if (!this.draining && this.#parts.clock.monotonic() >= this.#notBefore) this.#begin();
  }

  /** A slot fell free. When the last job that outlasted a drain is gone, the next drain may well succeed. */
  freed(): void {
    if (this.draining || this.#outlasting.length === 0) return;
    const here = new Set(this.#parts.roster.all());
    this.#outlasting = this.#outlasting.filter((job) => here.has(job) && !job.released);
    if (this.#outlasting.length === 0) this.#begin();
  }

  /** Takes them if the process is empty by now. */
  async take(): Promise<void> {
    const { roster, still } = this.#parts;
    if (!this.draining || this.#taking || roster.size > 0 || !still()) return;
    this.#taking = true;
    this.#rest(await this.#runSome());
    this.#heldBack.clear(); // the process was empty: whoever outlasted the drains before has ended
    this.#taking = false;
    this.#end();
  }

  #begin(): void {
    const drain = (this.#drain = Symbol('drain'));
    const isVain = () => this.#drain === drain && !this.#taking;
    void this.#pass(DRAIN_MS).then(async () => {
      // Jobs that end in this very moment only have to write their outcome: the process is as good as empty.
      if (isVain() && this.#outlasters().length === 0) await this.#pass(ALMOST_MS);
      if (isVain()) this.#giveUp();
    });
  }

  #pass(ms: number): Promise<void> {
    return pause(this.#parts.clock, ms, this.#parts.signal);
  }

  #outlasters(): readonly Occupant[] {
    return this.#parts.roster.all().filter(({ released }) => !released);
  }

  #end(): void {
    this.#drain = undefined;
    this.#parts.goOn();
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

  #giveUp(): void {
    this.#rest(0);
    this.#outlasting = this.#outlasters();
    if (this.#vainDrains > 1) this.#holdBack(this.#outlasting);
    this.#end();
  }

  #holdBack(outlasting: readonly Occupant[]): void {
    const { goOn } = this.#parts;
    for (const { kind } of outlasting) this.#heldBack.add(kind);
    const drains = this.#vainDrains;
    void this.#pass(this.#vainMs).then(() => {
      if (this.#vainDrains !== drains) return;
      this.#heldBack.clear();
      goOn();
    });
    this.#notBefore += this.#vainMs; // in between they go on too
  }

  /** Rows may wait alone that are held: draining for them again and again would idle everybody else. */
  #rest(ran: number): void {
    this.#vainDrains = ran > 0 ? 0 : this.#vainDrains + 1;
    this.#notBefore = this.#parts.clock.monotonic() + this.#vainMs;
    this.#outlasting = [];
  }

  get #vainMs(): number {
    return this.#vainDrains === 0 ? 0 : Math.min(FIRST_VAIN_MS * 2 ** (this.#vainDrains - 1), LONGEST_VAIN_MS);
  }
}
