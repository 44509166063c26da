import type { DataSource } from 'typeorm';
import type { Database, Tx } from '@nexora/database';

const wakers = new WeakMap<DataSource, (kind: string) => void>();

/**
 * Names what wakes a kind after a commit on this database: the process itself where it works the kind and has a free
 * slot, else the bell. Set once per process; without it, committed work waits for the poll.
 */
export function wakeAfterCommit(database: Database, wake: (kind: string) => void): void {
  wakers.set(database.dataSource, wake);
}

/** Wakes the kinds once the transaction has committed; never when it rolls back. */
export function wakeWith(tx: Tx, kinds: readonly string[]): void {
  const wake = wakers.get(tx.manager.dataSource);
  if (wake !== undefined && kinds.length > 0) tx.afterCommit(() => kinds.forEach(wake));
}
