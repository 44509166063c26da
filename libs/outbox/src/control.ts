import type { Sql } from '@nexora/database';
import { asking } from './errors.ts';

async function answer<R>(db: Sql, text: string, values: readonly unknown[]): Promise<R> {
  const rows = await asking(db.query<{ answer: R }>({ text: `SELECT ${text} AS answer`, values }));
  const row = rows[0];
  if (row === undefined) throw new Error('The ledger answered nothing; run the migrations.');
  return row.answer;
}

/**
 * What a cancel came to: `cancelling` while a worker still has to notice, `in_doubt` when a waiting job has an open
 * intent (something may have happened outside), `finished` when it came too late.
 */
export type Cancelled = 'cancelled' | 'cancelling' | 'in_doubt' | 'finished' | 'unknown';

/** Cancels a job. Dead letters and jobs in doubt are put aside by it. */
export function cancel(db: Sql, job: string): Promise<Cancelled> {
  return answer(db, 'agents.cancel($1)', [job]);
}

/** What a retry by hand came to: `pending` = it is due now; the others say why not. */
export type Retried = 'pending' | 'running' | 'done' | 'cancelled' | 'unknown';

/** Brings a dead, doubtful or waiting job back: due at once, attempts from zero; a waiting one keeps its attempts. */
export function retryJob(db: Sql, job: string): Promise<Retried> {
  return answer(db, 'agents.retry_job($1)', [job]);
}

/** What is stopped; at least one of the three. */
export interface HoldTarget {
  readonly kind?: string;
  readonly organization?: string;
  readonly scope?: string;
}

/** Leaves rows out of every claim, until a time or until released. The same target again replaces the hold. */
export function hold(db: Sql, target: HoldTarget, reason: string, until?: Date): Promise<string> {
  const { kind = null, organization = null, scope = null } = target;
  return answer(db, 'agents.hold($1, $2, $3, $4, $5)', [reason, kind, organization, scope, until ?? null]);
}

/** Releases the hold of exactly this target. @returns False when there was none. */
export function unhold(db: Sql, target: HoldTarget): Promise<boolean> {
  const { kind = null, organization = null, scope = null } = target;
  return answer(db, 'agents.unhold($1, $2, $3)', [kind, organization, scope]);
}

/** Stops an agent from taking work. @returns `unknown` when no such agent was ever declared. */
export function pause(db: Sql, agent: string): Promise<'paused' | 'unknown'> {
  return answer(db, 'agents.pause($1)', [agent]);
}

/** Lets an agent take work again. */
export function resume(db: Sql, agent: string): Promise<'resumed' | 'unknown'> {
  return answer(db, 'agents.resume($1)', [agent]);
}
