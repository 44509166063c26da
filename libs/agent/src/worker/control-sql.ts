import type { Database, Listener, Sql, Statement } from '@nexora/database';

/**
 * Claims and heartbeats on the listener's own session: whatever handlers do with the pool, these get through. One
 * statement at a time; a claim that finds the session busy takes the pool, a heartbeat waits its turn.
 */
export class ControlSql implements Sql {
  readonly #database: Database;
  #listener: Listener | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #pending = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  /** From now on the listener's session is used while it stands. */
  attach(listener: Listener): void {
    this.#listener = listener;
  }

  query<R = unknown>(statement: Statement): Promise<R[]> {
    const listener = this.#listener;
    return listener?.connected === true && this.#pending === 0
      ? this.#inTurn(listener, statement)
      : this.#database.query<R>(statement);
  }

  /** The same, but never on the pool while the listener stands. */
  readonly reserved: Sql = {
    query: <R>(statement: Statement): Promise<R[]> => {
      const listener = this.#listener;
      return listener?.connected === true ? this.#inTurn<R>(listener, statement) : this.#database.query<R>(statement);
    },
  };

  #inTurn<R>(listener: Listener, statement: Statement): Promise<R[]> {
    this.#pending++;
    const mine = this.#last.then(() => listener.query<R>(statement)).finally(() => this.#pending--);
    this.#last = mine.catch(() => undefined); // whoever asked is told; the next one only waits
    return mine;
  }
}
