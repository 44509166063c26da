import {
  DatabaseAway,
  openWhenReachable,
  type Database,
  type DatabaseSettings,
  type Sql,
  type Statement,
  type Tx,
} from '@nexora/database';
import type { ProbeResult } from '@nexora/runtime';

/**
 * The gateway's way to Postgres, usable before Postgres is there: the API listens at once and answers 503 until the
 * database can be reached, at start as much as later.
 */
export class Postgres implements Sql {
  #database: Database | null = null;
  readonly #stop = new AbortController();
  /** Settles when the first connection stands, or when {@link close} came before. */
  readonly opened: Promise<void>;
  readonly #whenOpen: ((database: Database) => void)[] = [];

  /** @param onAway told of each attempt that failed before the first connection stood. */
  constructor(settings: DatabaseSettings, onAway: (error: Error) => void) {
    this.opened = this.#open(settings, onAway);
  }

  /** Runs `fn` once with the database when the first connection stands. */
  onOpen(fn: (database: Database) => void): void {
    if (this.#database === null) this.#whenOpen.push(fn);
    else fn(this.#database);
  }

  /** @throws DatabaseAway while Postgres cannot be reached. */
  async query<R = unknown>(statement: Statement): Promise<R[]> {
    return this.#ready().query<R>(statement);
  }

  /** @throws DatabaseAway while Postgres cannot be reached. */
  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#ready().transaction(work);
  }

  /** For health: up when Postgres answers and our migrations have run. */
  async check(): Promise<ProbeResult> {
    const [row] = await this.query<{ migrated: boolean }>({
      text: `SELECT to_regclass('gateway.token') IS NOT NULL AS migrated`,
    });
    return row?.migrated === true ? { status: 'up' } : { status: 'down', detail: 'the migrations have not run' };
  }

  /** Closes the connections, within `deadlineMs` milliseconds. */
  async close(deadlineMs: number): Promise<void> {
    this.#stop.abort();
    await this.opened;
    await this.#database?.close(deadlineMs);
  }

  #ready(): Database {
    if (this.#database === null) throw new DatabaseAway('not connected yet');
    return this.#database;
  }

  async #open(settings: DatabaseSettings, onAway: (error: Error) => void): Promise<void> {
    try {
      this.#database = await openWhenReachable(settings, { signal: this.#stop.signal, onAway });
    } catch (error) {
      onAway(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    for (const tell of this.#whenOpen) tell(this.#database);
  }
}
