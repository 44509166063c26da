import { priorityRank } from '@nexora/contracts';
import type { ClaimedJob } from './claimed-job.ts';

/** Where the last claim of a kind and priority ended. */
export interface Head {
  readonly dueMicros: number;
  readonly id: string;
}

/** Milliseconds after which a search starts from the beginning again, whatever the claims brought. */
const LONGEST_TRUST_MS = 10_000;

/**
 * Heads of the queues of one process: lower bounds for the next claim, so that it does not walk over the dead index
 * entries that pile up before the head while a backup holds its snapshot. They are hints, never more: a row that
 * became due before the head (late commit, retry, hand-back) is found when a claim came back short or after 10 s.
 */
export class Heads {
  readonly #monotonic: () => number;
  readonly #byKind = new Map<string, { since: number; heads: (Head | undefined)[] }>();

  /** @param monotonic Milliseconds of a clock that never steps. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** The head of a kind and priority (0 to 3), or undefined: search from the start. */
  of(kind: string, priority: number): Head | undefined {
    const entry = this.#byKind.get(kind);
    if (entry === undefined) return undefined;
    if (this.#monotonic() - entry.since < LONGEST_TRUST_MS) return entry.heads[priority];
    this.#byKind.delete(kind);
    return undefined;
  }

  /** Forgets all: somebody says that rows are overlooked. */
  forget(): void {
    this.#byKind.clear();
  }

  /** Remembers where a claim of `max` rows ended; forgets the kind when the claim came back short. */
  moved(kind: string, claimed: readonly ClaimedJob[], max: number): void {
    if (claimed.length < max) {
      this.#byKind.delete(kind);
      return;
    }
    const entry = this.#byKind.get(kind) ?? { since: this.#monotonic(), heads: [] };
    for (const job of claimed) {
      // While the licence is limited only rows with an open intent are handed out: they lie behind rows that wait for it.
      if (job.intent !== null) continue;
      const rank = priorityRank(job.priority);
      const head = entry.heads[rank];
      if (head === undefined || isLater(job, head)) entry.heads[rank] = { dueMicros: job.dueMicros, id: job.id };
    }
    this.#byKind.set(kind, entry);
  }
}

function isLater(job: ClaimedJob, head: Head): boolean {
  return job.dueMicros > head.dueMicros || (job.dueMicros === head.dueMicros && job.id > head.id);
}
