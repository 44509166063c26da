import type { ClientBase, Pool } from 'pg';
import type { EntityManager, QueryRunner } from 'typeorm';
import type { Database, Statement, Tx } from '@nexora/database';

/** Whatever can run a statement in the caller's transaction: ours, TypeORM's, or the driver's. */
export type AnyTx = Tx | Database | EntityManager | QueryRunner | ClientBase | Pool;

/** True for a transaction of ours, which can tell when it has committed. */
export function isOurTx(tx: AnyTx): tx is Tx {
  return 'afterCommit' in tx;
}

function isOurs(tx: AnyTx): tx is Tx | Database {
  return isOurTx(tx) || ('listen' in tx && 'dataSource' in tx);
}

function isDrivers(tx: AnyTx): tx is ClientBase | Pool {
  return 'escapeLiteral' in tx || 'totalCount' in tx;
}

/** Runs the statement inside whatever transaction was given, and answers its rows. */
export async function queryIn<R>(tx: AnyTx, statement: Statement): Promise<R[]> {
  const values = [...(statement.values ?? [])];
  if (isOurs(tx)) return tx.query<R>(statement);
  if (isDrivers(tx)) return (await tx.query({ text: statement.text, values })).rows as R[];
  return (await tx.query(statement.text, values)) as R[];
}
