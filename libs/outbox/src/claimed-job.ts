import { priorityOf, type Priority } from '@nexora/contracts';

/** An outside effect that may have happened: ask before trying again. */
export interface OpenIntent {
  /** Idempotency key that the outside was given. */
  readonly key: string;
  /** Hash of the request that went out, if the handler gave one. */
  readonly requestHash: string | null;
  readonly since: Date;
}

/** A row that this worker holds. (id, dispatch, incarnation) is its fence. */
export interface ClaimedJob {
  readonly id: string;
  readonly kind: string;
  readonly organization: string | null;
  readonly priority: Priority;
  readonly payload: unknown;
  /** How many times the row was claimed, this time included. */
  readonly dispatch: number;
  /** Attempts that counted so far, without this one. */
  readonly attempts: number;
  /** How often its worker was lost while it held nothing but this row. */
  readonly losses: number;
  /** True when the row must run with no other row beside it in this process. */
  readonly alone: boolean;
  readonly orderKey: string | null;
  readonly scope: string | null;
  readonly runAt: Date;
  readonly traceparent: string | null;
  readonly intent: OpenIntent | null;
  /** The slot of the schedule that made the job, or null. A report's date is this, not now. */
  readonly slot: Date | null;
  /** `runAt` in whole microseconds since 1970, for the claim's hints; a Date would round it. */
  readonly dueMicros: number;
}

/** What `fence` and all completing functions need of a claimed row. */
export type Held = Pick<ClaimedJob, 'id' | 'dispatch'>;

/** The row as the functions of the ledger answer it. */
export interface ClaimedRow {
  readonly id: string | null;
  readonly kind: string;
  readonly organization: string | null;
  readonly priority: number;
  readonly payload: unknown;
  readonly dispatch: number;
  readonly attempts: number;
  readonly losses: number;
  readonly alone: boolean;
  readonly order_key: string | null;
  readonly scope: string | null;
  readonly traceparent: string | null;
  readonly intent: { key: string; requestHash: string | null; since: string } | null;
  readonly slot: Date | null;
  readonly due_us: number;
}

/** Columns of `ClaimedRow`. No time but `due_us`: the driver takes long to read a timestamp. */
export const CLAIMED_COLUMNS = `id, kind, organization, priority, payload, dispatch, attempts, losses, alone, order_key, scope,
  traceparent, intent, slot, due_us::float8 AS due_us`;

/** The row as the rest of the code knows it. */
export function claimedJob(row: ClaimedRow & { id: string }): ClaimedJob {
  return {
    id: row.id,
    kind: row.kind,
    organization: row.organization,
    priority: priorityOf(row.priority),
    payload: row.payload,
    dispatch: row.dispatch,
    attempts: row.attempts,
    losses: row.losses,
    alone: row.alone,
    orderKey: row.order_key,
    scope: row.scope,
    runAt: new Date(Math.floor(row.due_us / 1_000)),
    traceparent: row.traceparent,
    intent: row.intent === null ? null : { ...row.intent, since: new Date(row.intent.since) },
    slot: row.slot,
    dueMicros: row.due_us,
  };
}
