import type { InputOf, Kind } from '@nexora/contracts';
import type { Tx } from '@nexora/database';
import { enqueue, type EnqueueOptions } from '@nexora/outbox';
import { askingSql } from './sql-refusal.ts';

/**
 * Hands a job over. Answers its id.
 * @throws Problem 503 before its agent has been started for the first time, 413 for a payload that is too large
 */
export function handOver<K extends Kind>(
  tx: Tx,
  kind: K,
  payload: InputOf<K>,
  options: EnqueueOptions = {},
): Promise<string> {
  return askingSql(enqueue(tx, kind, payload, options));
}
