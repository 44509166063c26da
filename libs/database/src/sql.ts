import type { EntityManager } from 'typeorm';

/** One SQL statement with its parameters. */
export interface Statement {
  /** SQL with `$1`, `$2` … where values go. Never built from what came from outside. */
  readonly text: string;
  readonly values?: readonly unknown[];
  /** Name under which a connection keeps the plan; same name, same text. Left out: parsed anew each time. */
  readonly name?: string;
}

/** Whatever runs a statement: the database itself (each statement commits alone) or a transaction. */
export interface Sql {
  /** Runs the statement and answers its rows. Throws `DatabaseAway` when Postgres cannot be reached. */
  query<R = unknown>(statement: Statement): Promise<R[]>;
}

/** An open transaction. It ends with the function that it was given to; never keep it. */
export interface Tx extends Sql {
  /** Runs `fn` once after the commit, never after a rollback. It must not throw and is not awaited. */
  afterCommit(fn: () => void): void;
  /** TypeORM's view of the same transaction, for plain repositories. */
  readonly manager: EntityManager;
}
