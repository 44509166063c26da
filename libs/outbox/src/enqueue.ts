import type { InputOf, Kind, Priority } from '@nexora/contracts';
import type { z } from 'zod';
import { isOurTx, queryIn, type AnyTx } from './any-tx.ts';
import { wakeWith } from './after-commit.ts';
import { asking, PayloadInvalid } from './errors.ts';

/** What may be said about a job besides its payload. */
export interface EnqueueOptions {
  /** Unique per organization and kind while the job is kept: the same key answers the job that is there. */
  readonly dedupeKey?: string;
  /** Default `default`. */
  readonly priority?: Priority;
  /** Not before this time; default now. */
  readonly runAt?: Date;
  readonly organization?: string;
  /** Ordered kinds only: rows of one key run one after another, oldest first. */
  readonly orderKey?: string;
  /** What a hold may stop apart from the rest of the kind, for instance the issuer's RFC. */
  readonly scope?: string;
  /** W3C trace context that the job continues. */
  readonly traceparent?: string;
}

const ENQUEUE = {
  name: 'agents.enqueue',
  text: 'SELECT agents.enqueue($1, $2, $3, $4, coalesce($5, agents.now()), $6, $7, $8, $9) AS id',
};

/**
 * Hands a job over inside the caller's transaction: it exists exactly if that commits. With a transaction of ours the
 * worker is woken right after the commit.
 * @returns The job's id; with a dedupe key that is in use, the id of the job that has it.
 * @throws PayloadInvalid when the payload does not fit the kind.
 * @throws LedgerError for an unknown kind, a payload over 256 kB, a login that may not, or a bad option.
 */
export async function enqueue<K extends Kind>(
  tx: AnyTx,
  kind: K,
  payload: InputOf<K>,
  options: EnqueueOptions = {},
): Promise<string> {
  await checkPayload(kind, payload);
  const values = [
    kind.name,
    JSON.stringify(payload),
    options.dedupeKey ?? null,
    options.priority ?? 'default',
    options.runAt ?? null,
    options.organization ?? null,
    options.orderKey ?? null,
    options.scope ?? null,
    options.traceparent ?? null,
  ];
  const rows = await asking(queryIn<{ id: string }>(tx, { ...ENQUEUE, values }));
  if (isOurTx(tx)) wakeWith(tx, [kind.name]);
  const id = rows[0]?.id;
  if (id === undefined) throw new Error('agents.enqueue answered nothing; run the migrations.');
  return id;
}

/**
 * Looks whether a payload fits its kind. What is stored is the payload itself, not what the schema makes of it: the
 * worker reads it by the same schema, as it reads what came from SQL.
 * @throws PayloadInvalid naming the first field that is wrong.
 */
async function checkPayload(kind: Kind, payload: unknown): Promise<void> {
  const issue = await firstIssue(kind, payload);
  if (issue !== undefined) throw new PayloadInvalid(kind.name, issue.path.join('.'), issue.message);
}

async function firstIssue(
  kind: Kind,
  payload: unknown,
): Promise<Pick<z.core.$ZodIssue, 'path' | 'message'> | undefined> {
  try {
    return (await kind.payload.safeParseAsync(payload)).error?.issues[0];
  } catch (error) {
    // Without its message, which may repeat the payload.
    return { path: [], message: `the schema itself failed (${error instanceof Error ? error.name : typeof error})` };
  }
}
