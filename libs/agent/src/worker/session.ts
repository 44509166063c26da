import { randomUUID } from 'node:crypto';

/** Why a process takes no work. */
export type Standstill = 'not started' | 'disabled' | 'paused' | 'unsure' | 'out of reach' | 'stopping';

/**
 * This process's membership in the ledger: under which incarnation it claims, and whether it may. An incarnation ends
 * when it was declared lost or Postgres was restarted; whatever was claimed under it is then somebody else's.
 */
export class Session {
  #incarnation = randomUUID();
  #ended = new AbortController();
  readonly #reasons = new Set<Standstill>(['not started']);
  readonly #onChange: () => void;

  /** @param onChange Told when the process starts or stops taking work. */
  constructor(onChange: () => void = () => undefined) {
    this.#onChange = onChange;
  }

  get incarnation(): string {
    return this.#incarnation;
  }

  /** Aborts when this incarnation ends. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** True when rows may be claimed. */
  get takesWork(): boolean {
    return this.#reasons.size === 0;
  }

  /** Why rows may not be claimed; empty when they may. */
  get reasons(): readonly Standstill[] {
    return [...this.#reasons];
  }

  /** True while the rows of this incarnation are ours. */
  holds(incarnation: string): boolean {
    return incarnation === this.#incarnation && !this.#ended.signal.aborted;
  }

  /** Takes a new incarnation; the ledger does not know it yet. */
  renew(): string {
    this.#ended.abort();
    this.#ended = new AbortController();
    this.#incarnation = randomUUID();
    return this.#incarnation;
  }

  /** The process ends: nothing is held any more. */
  close(): void {
    this.#ended.abort();
  }

  /** Sets or lifts one reason for standing still. True when that changed whether work is taken. */
  stand(reason: Standstill, still: boolean): boolean {
    const before = this.takesWork;
    if (still) this.#reasons.add(reason);
    else this.#reasons.delete(reason);
    if (before === this.takesWork) return false;
    this.#onChange();
    return true;
  }
}
