import { climbed, FIRST_STEP, FULLY_OPEN, type Ramp } from '@nexora/connectivity';

/** A quick kind may claim this many rows in one statement. */
export const LARGEST_CLAIM = 100;
/** Every so many claims the oldest due rows go first, whatever their priority, so that `low` never starves. */
const BY_RUN_AT_EVERY = 8;

/** What one claim asks for. */
export interface ClaimPlan {
  readonly max: number;
  /** Oldest first instead of most urgent first. */
  readonly byRunAt: boolean;
}

/**
 * The slots of one kind in this process, and when they may claim. Decides only; it knows no clock and no database.
 * One claim at a time is under way; what wakes the kind meanwhile is remembered.
 */
export class Lane {
  readonly kind: string;
  readonly slots: number;
  #ramp: Ramp = FULLY_OPEN;
  #gateOpen = true;
  #running = 0;
  #completing = 0;
  #claims = 0;
  #claiming = false;
  #wanted = false;
  #more = false;

  constructor(kind: string, slots: number) {
    this.kind = kind;
    this.slots = slots;
  }

  /** Jobs of the kind that run here. */
  get running(): number {
    return this.#running;
  }

  /** Rows that a claim may bring now. */
  get free(): number {
    if (!this.#gateOpen) return 0;
    return Math.max(0, Math.min(this.slots, this.#ramp.limit, LARGEST_CLAIM + this.#running) - this.#running);
  }

  /** True when a claim should go out now: there is a reason (woken, or the last claim came back full) and a slot. */
  get wantsNow(): boolean {
    return (this.#wanted || this.#more) && !this.#claiming && this.free > 0;
  }

  /** Something says that rows may wait: a commit, a ring, a notification. */
  want(): void {
    this.#wanted = true;
  }

  /** Takes the right to claim, if there is a reason, a slot, and no other claim under way. */
  begin(): ClaimPlan | null {
    const plan = this.wantsNow ? this.beginPoll() : null;
    if (plan === null) return null;
    this.#claims++;
    return { ...plan, byRunAt: this.#claims % BY_RUN_AT_EVERY === 0 };
  }

  /** The same without any reason, as the poll looks always. It goes by urgency and is none of the eight. */
  beginPoll(): ClaimPlan | null {
    const max = this.free;
    if (this.#claiming || max === 0) return null;
    this.#claiming = true;
    this.#wanted = false;
    return { max, byRunAt: false };
  }

  /** The claim brought `rows` rows, which now run. True when it came back full. */
  claimed(plan: ClaimPlan, rows: number): boolean {
    this.#claiming = false;
    this.#running += rows;
    this.#more = rows >= plan.max;
    return this.#more;
  }

  /** The claim failed: nothing is known; the poll looks again. */
  claimFailed(): void {
    this.#claiming = false;
    this.#more = false;
  }

  /**
   * So many jobs of the kind really run here. Where more slots were thought to be taken, the others were lost by an
   * ending that was never told, and are free again.
   */
  recount(running: number): void {
    this.#running = Math.min(this.#running, running);
  }

  /** A row was claimed outside the lane's own claims. */
  started(): void {
    this.#running++;
  }

  /**
   * A handler has ended and only the word "done" is on its way to the ledger: its slot may take the next row, as long as
   * no more words than slots are under way. True when it may.
   */
  release(): boolean {
    if (this.#completing >= this.slots) return false;
    this.#completing++;
    this.#running--;
    return true;
  }

  /** A job ended. Its slot is free, if it was not released before. */
  ended(released = false): void {
    if (released) this.#completing--;
    else this.#running = Math.max(0, this.#running - 1);
  }

  /** Opens or closes the gate of a kind that needs the Internet; opening starts the ramp at one slot. */
  setGate(open: boolean): void {
    if (open && !this.#gateOpen) this.#ramp = FIRST_STEP;
    this.#gateOpen = open;
  }

  /** A job of a ramped kind went well: perhaps more of them may run at once. */
  wentWell(): void {
    this.#ramp = climbed(this.#ramp, this.slots);
  }

  /** A job found the line gone: the ramp starts anew. */
  wentOffline(): void {
    this.#ramp = FIRST_STEP;
  }
}
