import type { Sql } from '@nexora/database';
import { asking } from './errors.ts';

/** Milliseconds of watched silence after which a worker counts as lost. */
export const LOST_AFTER_MS = 30_000;
/** A longer gap between two looks, or an error, starts the watch anew: an outage of Postgres loses nobody. */
export const LONGEST_GAP_MS = 10_000;

/** Live workers of the agent, with the counters that their heartbeats raise. */
export async function watch(db: Sql, agent: string): Promise<{ incarnation: string; counter: string }[]> {
  return asking(
    db.query({ name: 'agents.watch', text: 'SELECT incarnation, counter FROM agents.watch($1)', values: [agent] }),
  );
}

/**
 * Declares a worker lost if its counter still is the given one, and releases its rows.
 * @returns Rows released, or null when it has moved after all, is claiming at this moment, or was declared before.
 */
export async function declareLost(db: Sql, incarnation: string, counter: string): Promise<number | null> {
  const rows = await asking(
    db.query<{ released: number | null }>({
      text: 'SELECT agents.declare_lost($1, $2) AS released',
      values: [incarnation, counter],
    }),
  );
  return rows[0]?.released ?? null;
}

/**
 * Releases rows of the agent that were locked when their worker was declared lost.
 * @returns Per lost worker, how many rows.
 */
async function sweep(db: Sql, agent: string): Promise<Swept[]> {
  const text = 'SELECT incarnation, released AS rows FROM agents.sweep($1)';
  return asking(db.query<Swept>({ name: 'agents.sweep', text, values: [agent] }));
}

/** What one look of a sweeper found. */
export interface Swept {
  readonly incarnation: string;
  readonly rows: number;
}

/**
 * Watches the counters of one agent's workers on the sweeper's own monotonic clock. Call `look` every 5 s; no wall
 * clock, neither Postgres' nor another machine's, decides about anybody's life.
 */
export class Sweeper {
  readonly #db: Sql;
  readonly #agent: string;
  readonly #monotonic: () => number;
  readonly #seen = new Map<string, { counter: string; since: number }>();
  #lastLook: number | undefined;

  /** @param monotonic Milliseconds of a clock that never steps. */
  constructor(db: Sql, agent: string, monotonic: () => number) {
    this.#db = db;
    this.#agent = agent;
    this.#monotonic = monotonic;
  }

  /** Looks once and declares lost who stood still for 30 s of unbroken watching. Throws what the database throws. */
  async look(): Promise<Swept[]> {
    const swept: Swept[] = [];
    try {
      swept.push(...(await sweep(this.#db, this.#agent)));
      for (const silent of await this.#silent()) {
        const rows = await declareLost(this.#db, silent.incarnation, silent.counter);
        this.#seen.delete(silent.incarnation);
        if (rows !== null) swept.push({ incarnation: silent.incarnation, rows });
      }
      return swept;
    } catch (error) {
      this.#seen.clear();
      throw error;
    }
  }

  async #silent(): Promise<{ incarnation: string; counter: string }[]> {
    const started = this.#monotonic();
    if (this.#lastLook !== undefined && started - this.#lastLook > LONGEST_GAP_MS) this.#seen.clear();
    const workers = await watch(this.#db, this.#agent);
    const now = this.#monotonic();
    // An answer that took long says nothing about the time in between.
    if (now - started > LONGEST_GAP_MS) this.#seen.clear();
    this.#lastLook = now;
    const alive = new Set(workers.map(({ incarnation }) => incarnation));
    for (const incarnation of this.#seen.keys()) if (!alive.has(incarnation)) this.#seen.delete(incarnation);
    return workers.filter((worker) => this.#silentFor(worker, now) >= LOST_AFTER_MS);
  }

  #silentFor({ incarnation, counter }: { incarnation: string; counter: string }, now: number): number {
    const seen = this.#seen.get(incarnation);
    if (seen?.counter === counter) return now - seen.since;
    this.#seen.set(incarnation, { counter, since: now });
    return 0;
  }
}
