import { isPassing } from '@nexora/database';
import { StaleFence, type Finished, type Ledger } from '@nexora/outbox';

/** Completions wait this long at most for others to go with them. */
const GATHER_MS = 1;
/** No more rows in one statement. */
const LARGEST_BATCH = 100;

interface Waiting extends Finished {
  readonly incarnation: string;
  accepted(ours: boolean): void;
  failed(error: unknown): void;
}

/**
 * Gathers completions that have no rows of their own and sends them in one statement: whatever ended in the same turn
 * of the event loop goes together, and while one statement is under way the next ones wait for it, at most 1 ms.
 */
export class FinishBatch {
  readonly #ledger: Ledger;
  #waiting: Waiting[] = [];
  #underWay = 0;
  #planned = false;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Completes one job. False when its row was no longer ours. Throws what the database throws. */
  add(incarnation: string, job: Finished): Promise<boolean> {
    return new Promise((accepted, failed) => {
      this.#waiting.push({ ...job, incarnation, accepted, failed });
      if (this.#waiting.length >= LARGEST_BATCH) this.#send();
      else this.#plan();
    });
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    const send = () => {
      this.#planned = false;
      this.#send();
    };
    if (this.#underWay === 0) setImmediate(send);
    else setTimeout(send, GATHER_MS);
  }

  #send(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    for (const [incarnation, jobs] of Map.groupBy(batch, (each) => each.incarnation)) {
      void this.#finish(incarnation, jobs);
    }
  }

  async #finish(incarnation: string, jobs: readonly Waiting[]): Promise<void> {
    this.#underWay++;
    try {
      const ours = new Set(await this.#ledger.finishMany(incarnation, jobs));
      for (const each of jobs) each.accepted(ours.has(each.id));
    } catch (error) {
      await this.#finishOneByOne(incarnation, jobs, error);
    } finally {
      this.#underWay--;
      if (this.#underWay === 0) this.#send();
    }
  }

  /** One result that Postgres cannot store must not fail its neighbours. */
  async #finishOneByOne(incarnation: string, jobs: readonly Waiting[], error: unknown): Promise<void> {
    for (const each of jobs) {
      if (isPassing(error) || jobs.length === 1) {
        each.failed(error);
        continue;
      }
      try {
        await this.#ledger.finish(incarnation, each, each.result);
        each.accepted(true);
      } catch (own) {
        if (own instanceof StaleFence) each.accepted(false);
        else each.failed(own);
      }
    }
  }
}
