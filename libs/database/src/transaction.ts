import type { ClientBase } from 'pg';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { DatabaseAway, translated } from './errors.ts';
import type { Statement, Tx } from './sql.ts';

/** The driver's form of a statement; the plan is kept under its name only where `prepared` allows it. */
export function driverQuery(statement: Statement, prepared: boolean) {
  const { text, values, name } = statement;
  return { text, values: values === undefined ? [] : [...values], ...(prepared && name !== undefined ? { name } : {}) };
}

class OpenTransaction implements Tx {
  readonly manager: EntityManager;
  readonly hooks: (() => void)[] = [];
  readonly #client: ClientBase;
  readonly #prepared: boolean;

  constructor(runner: QueryRunner, client: ClientBase, prepared: boolean) {
    this.manager = runner.manager;
    this.#client = client;
    this.#prepared = prepared;
  }

  async query<R = unknown>(statement: Statement): Promise<R[]> {
    try {
      const result = await this.#client.query(driverQuery(statement, this.#prepared));
      return result.rows as R[];
    } catch (error) {
      throw translated(error);
    }
  }

  afterCommit(fn: () => void): void {
    this.hooks.push(fn);
  }
}

/** Rolls back; a connection that cannot even do that is of no use any more and is closed. */
async function rollBack(runner: QueryRunner): Promise<void> {
  try {
    if (runner.isTransactionActive && !runner.isReleased) await runner.rollbackTransaction();
  } catch (error) {
    await discard(runner, error);
  }
}

/** Releases the runner's connection as broken, so that the pool closes it. */
async function discard(runner: QueryRunner, error: unknown): Promise<void> {
  const broken = error instanceof Error ? error : new Error('The connection is in an unknown state.');
  const release: unknown = Reflect.get(runner, 'releasePostgresConnection');
  if (typeof release === 'function') await (release.call(runner, broken) as Promise<void>);
}

async function commit(runner: QueryRunner): Promise<void> {
  try {
    await runner.commitTransaction();
  } catch (error) {
    const ours = translated(error, true);
    if (ours instanceof DatabaseAway) await discard(runner, ours);
    throw ours;
  }
}

/**
 * Runs `fn` in one transaction on a connection of its own and commits; rolls back when it throws. What `afterCommit`
 * was given runs then, in order.
 */
export async function inTransaction<T>(source: DataSource, prepared: boolean, fn: (tx: Tx) => Promise<T>): Promise<T> {
  const runner = source.createQueryRunner();
  let result: T;
  let tx: OpenTransaction;
  try {
    const client = (await runner.connect()) as ClientBase;
    await runner.startTransaction();
    tx = new OpenTransaction(runner, client, prepared);
    result = await fn(tx);
    await commit(runner);
  } catch (error) {
    await rollBack(runner);
    throw translated(error);
  } finally {
    if (!runner.isReleased) await runner.release();
  }
  for (const hook of tx.hooks) hook();
  return result;
}
