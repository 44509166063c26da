import type { JobState } from '@nexora/contracts';
import type { Sql, Statement } from '@nexora/database';
import type { Held } from './claimed-job.ts';
import { asking } from './errors.ts';

/** Why a job did not end well; stored and shown. No secret, no person's datum. */
export interface JobError {
  /** Stable code, `<room>.<fault>`. */
  readonly code: string;
  /** Sentence for an operator. */
  readonly detail?: string;
  readonly [more: string]: unknown;
}

/** The longest time span that the ledger keeps, about ten years; it cuts off what is over it. */
const LONGEST_MS = 3_653 * 86_400_000;

/** Time span as Postgres reads it. */
function span(milliseconds: number): string {
  return `${Math.min(LONGEST_MS, Math.max(0, milliseconds))} milliseconds`;
}

function json(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

async function call<R>(db: Sql, name: string, casts: string, values: readonly unknown[]): Promise<R | undefined> {
  const rows = await asking(
    db.query<{ answer: R }>({ name: `agents.${name}`, text: `SELECT agents.${name}(${casts}) AS answer`, values }),
  );
  return rows[0]?.answer;
}

/**
 * Locks the row and checks that it still is ours; first statement of every transaction of a handler.
 * @throws StaleFence when it is not.
 */
export async function fence(db: Sql, incarnation: string, job: Held): Promise<void> {
  await call(db, 'fence', '$1, $2, $3', [job.id, job.dispatch, incarnation]);
}

/**
 * Opens an intent: from the commit on, an outside effect may have happened.
 * @throws StaleFence
 */
export async function intend(
  db: Sql,
  incarnation: string,
  job: Held,
  intent: { key: string; requestHash?: string },
): Promise<void> {
  await call(db, 'intend', '$1, $2, $3, $4, $5', [
    job.id,
    job.dispatch,
    incarnation,
    intent.key,
    intent.requestHash ?? null,
  ]);
}

const READS = /^\s*(select|values)\b/i;
/** No more texts that are put together are remembered; handlers have a few each. */
const MOST_TEXTS = 256;
const intendTexts = new Map<string, string>();

/**
 * Opens an intent together with what has to be written before anything goes out: one statement, one round trip.
 * @param effect One SELECT (of a function, where it writes), with `$1` … `$n` for its own values.
 * @returns The effect's rows.
 * @throws StaleFence, and then the effect is undone as well.
 */
export async function intendWith<R>(
  db: Sql,
  incarnation: string,
  job: Held,
  intent: { key: string; requestHash?: string },
  { text, values = [], name }: Statement,
): Promise<R[]> {
  const whole = intendTexts.get(text) ?? intendText(text, values.length);
  if (intendTexts.size < MOST_TEXTS) intendTexts.set(text, whole);
  const all = [...values, job.id, job.dispatch, incarnation, intent.key, intent.requestHash ?? null];
  return asking(db.query<R>({ ...(name === undefined ? {} : { name: `intend ${name}` }), text: whole, values: all }));
}

/** The intent is counted before the effect runs, so that rows are locked in one order everywhere: job before effect. */
function intendText(effect: string, n: number): string {
  if (!READS.test(effect)) {
    throw new TypeError('What goes with an intent is one SELECT; use a function where it writes.');
  }
  const opened = `SELECT agents.intend($${n + 1}::uuid, $${n + 2}::int, $${n + 3}::uuid, $${n + 4}, $${n + 5})`;
  return `WITH intent AS MATERIALIZED (${opened}), effect AS MATERIALIZED (${effect}) SELECT e.* FROM effect e WHERE (SELECT count(*) FROM intent) = 1`;
}

/**
 * Closes the open intent: the outside told what happened, and the job goes on.
 * @throws StaleFence
 */
export async function settle(db: Sql, incarnation: string, job: Held, outcome: string): Promise<void> {
  await call(db, 'settle', '$1, $2, $3, $4', [job.id, job.dispatch, incarnation, outcome]);
}

const WRITES = /^\s*(insert|update|delete)\b/i;

/**
 * The job ended well. With an effect, effect and completion are one statement: both commit or neither does.
 * @param effect One INSERT, UPDATE, DELETE or SELECT, with `$1` … `$n` for its own values.
 * @throws StaleFence, and then the effect is undone as well.
 */
export async function finish(
  db: Sql,
  incarnation: string,
  job: Held,
  result?: unknown,
  effect?: Statement,
): Promise<void> {
  const own = [job.id, job.dispatch, incarnation, json(result)];
  if (effect === undefined) {
    await call(db, 'finish', '$1, $2, $3, $4', own);
    return;
  }
  await asking(db.query(joined(effect, own)));
}

/**
 * Joined texts by the effect's own and the number of its values: the same few come with every job, and to build one
 * costs more than to find it.
 */
const joinedTexts = new Map<string, string[]>();

function joined({ text, values = [], name }: Statement, own: readonly unknown[]): Statement {
  const known = joinedTexts.get(text) ?? [];
  const whole = (known[values.length] ??= joinedText(text, values.length));
  if (joinedTexts.size < MOST_TEXTS) joinedTexts.set(text, known);
  const all = [...values, ...own];
  return name === undefined ? { text: whole, values: all } : { name: `finish ${name}`, text: whole, values: all };
}

function joinedText(effect: string, n: number): string {
  const done = `agents.finish($${n + 1}::uuid, $${n + 2}::int, $${n + 3}::uuid, $${n + 4}::jsonb)`;
  if (WRITES.test(effect)) return `WITH effect AS (${effect}) SELECT ${done}`;
  if (!READS.test(effect)) {
    throw new TypeError(
      'The effect of a joined finish is one INSERT, UPDATE, DELETE or SELECT; use a function for more.',
    );
  }
  // A SELECT that nobody reads would not run at all.
  return `WITH effect AS MATERIALIZED (${effect}) SELECT ${done} FROM (SELECT count(*) FROM effect) AS once`;
}

/** A completion that is gathered with others. */
export interface Finished extends Held {
  readonly result?: unknown;
}

/**
 * Many jobs ended well, in one statement.
 * @returns Ids of the rows that were still ours; the others are stale and stay as they are.
 */
export async function finishMany(db: Sql, incarnation: string, jobs: readonly Finished[]): Promise<string[]> {
  const values = manyValues(incarnation, jobs);
  return (await call<string[]>(db, 'finish_many', '$1, $2, $3, $4::jsonb[]', values)) ?? [];
}

/**
 * The statement by which many jobs end well in a transaction that writes their effects too. Sent before the effects:
 * a row that is no longer ours fails the transaction (StaleFence by SQLSTATE), and rows are locked job before effect.
 */
export function finishAll(incarnation: string, jobs: readonly Finished[]): Statement {
  return {
    name: 'agents.finish_all',
    text: 'SELECT agents.finish_all($1, $2, $3, $4::jsonb[])',
    values: manyValues(incarnation, jobs),
  };
}

function manyValues(incarnation: string, jobs: readonly Finished[]): unknown[] {
  // Everybody locks rows in the order of their ids, so that nobody waits in a circle.
  const sorted = [...jobs].sort((a, b) => (a.id < b.id ? -1 : 1));
  const ids = sorted.map(({ id }) => id);
  const dispatches = sorted.map(({ dispatch }) => dispatch);
  return [incarnation, ids, dispatches, sorted.map(({ result }) => json(result))];
}

/**
 * The attempt failed and counts: again after `delayMs`, or dead when `maxAttempts` are used up. With an open intent,
 * an at-most-once kind is in doubt instead; a cancelled row ends.
 * @throws StaleFence
 */
export async function retry(
  db: Sql,
  incarnation: string,
  job: Held,
  failure: { delayMs: number; error: JobError; maxAttempts: number | null },
): Promise<JobState | undefined> {
  const { delayMs, error, maxAttempts } = failure;
  const values = [job.id, job.dispatch, incarnation, span(delayMs), json(error), maxAttempts];
  return call<JobState>(db, 'retry', '$1, $2, $3, $4::interval, $5, $6', values);
}

/**
 * Not now, and the attempt does not count. For an at-most-once kind it says that nothing went out: the intent closes.
 * @throws StaleFence
 */
export async function later(
  db: Sql,
  incarnation: string,
  job: Held,
  pause: { delayMs: number; reason: JobError },
): Promise<JobState | undefined> {
  const values = [job.id, job.dispatch, incarnation, span(pause.delayMs), json(pause.reason)];
  return call<JobState>(db, 'later', '$1, $2, $3, $4::interval, $5', values);
}

/**
 * Trying again cannot help: dead until somebody acts.
 * @throws StaleFence
 */
export async function bury(db: Sql, incarnation: string, job: Held, error: JobError): Promise<void> {
  await call(db, 'bury', '$1, $2, $3, $4', [job.id, job.dispatch, incarnation, json(error)]);
}

/**
 * Nobody knows whether the outside effect happened: in doubt until somebody or something asks.
 * @throws StaleFence
 */
export async function doubt(db: Sql, incarnation: string, job: Held, error: JobError): Promise<void> {
  await call(db, 'doubt', '$1, $2, $3, $4', [job.id, job.dispatch, incarnation, json(error)]);
}

/**
 * The handler ended because the job was cancelled.
 * @returns `in_doubt` when an intent was open, else `cancelled`.
 * @throws StaleFence
 */
export async function cancelled(db: Sql, incarnation: string, job: Held): Promise<JobState | undefined> {
  return call<JobState>(db, 'cancelled', '$1, $2, $3', [job.id, job.dispatch, incarnation]);
}

/** Shutdown: gives unfinished rows back, uncounted. @returns How many were still ours. */
export async function handBack(db: Sql, incarnation: string, jobs: readonly Held[]): Promise<number> {
  const ids = jobs.map(({ id }) => id);
  const dispatches = jobs.map(({ dispatch }) => dispatch);
  return (await call<number>(db, 'hand_back', '$1, $2, $3', [incarnation, ids, dispatches])) ?? 0;
}

/**
 * Gives back, uncounted, the rows that run under this incarnation although its process does not know of them: the
 * answer of a claim was lost, or an outcome could not be written. Rows with an open intent are treated as by
 * `handBack`. Call it only while no claim of this process is under way; a locked row is left for the next call.
 * @param knownIds Jobs that the process holds. @returns How many rows went back.
 */
export async function handBackUnknown(db: Sql, incarnation: string, knownIds: readonly string[]): Promise<number> {
  return (await call<number>(db, 'hand_back_unknown', '$1, $2', [incarnation, [...knownIds]])) ?? 0;
}

/**
 * How far the job is.
 * @param fraction 0 to 1. @param phrase A few words for a person; no datum of anybody.
 * @throws StaleFence
 */
export async function progress(
  db: Sql,
  incarnation: string,
  job: Held,
  fraction: number,
  phrase: string,
): Promise<void> {
  await call(db, 'progress', '$1, $2, $3, $4, $5', [job.id, job.dispatch, incarnation, fraction, phrase]);
}

/** Adds a line to the job's own log. @returns False when the job's log is full (200 lines). */
export async function log(
  db: Sql,
  incarnation: string,
  job: Held,
  entry: { level: string; line: string; fields?: Readonly<Record<string, unknown>> },
): Promise<boolean> {
  const values = [job.id, job.dispatch, incarnation, entry.level, entry.line, json(entry.fields)];
  return (await call<boolean>(db, 'log', '$1, $2, $3, $4, $5, $6', values)) ?? false;
}
