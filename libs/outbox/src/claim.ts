import { priorityRank } from '@nexora/contracts';
import type { Sql } from '@nexora/database';
import { claimedJob, CLAIMED_COLUMNS, type ClaimedJob, type ClaimedRow } from './claimed-job.ts';
import { asking } from './errors.ts';
import type { Heads } from './heads.ts';

/** How many rows of one kind a process can take now. */
export interface Appetite {
  readonly kind: string;
  /** Free slots; at least 1. */
  readonly max: number;
}

/** One claim of one kind. */
export interface ClaimRequest extends Appetite {
  readonly incarnation: string;
  /** Oldest first, whatever the priority. Every eighth claim, so that `low` never starves. */
  readonly byRunAt?: boolean;
  /** Where the heads of the queue were; left out, the claim searches from the start. */
  readonly heads?: Heads;
}

/** What a poll over all kinds brought. */
export interface Polled {
  readonly jobs: ClaimedJob[];
  /** True when a row waits that must run alone: drain the process, then `claimAlone`. */
  readonly aloneWaits: boolean;
}

/** No head is known: whatever is there, also from before 1970 while a clock is wrong. */
const FIRST = null;
const RANKS = [0, 1, 2, 3];
const LOWEST = '00000000-0000-0000-0000-000000000000';

function bounds(kinds: readonly string[], heads: Heads | undefined) {
  const known = kinds.flatMap((kind) => RANKS.map((rank) => heads?.of(kind, rank)));
  // At a low rate nothing is remembered: then there is nothing to send, or to read there.
  if (known.every((head) => head === undefined)) return [null, null];
  return [known.map((head) => head?.dueMicros ?? FIRST), known.map((head) => head?.id ?? LOWEST)];
}

/**
 * Claims due rows of one kind, at most `max`, most urgent first. Commits alone and, where the kind allows it,
 * asynchronously: never call it inside a transaction that writes something else.
 * @throws WorkerLost when the incarnation was declared lost.
 */
export async function claim(db: Sql, request: ClaimRequest): Promise<ClaimedJob[]> {
  const { incarnation, kind, max, byRunAt, heads } = request;
  const rows = await asking(
    db.query<ClaimedRow>({
      name: 'agents.claim',
      text: `SELECT ${CLAIMED_COLUMNS} FROM agents.claim($1, $2, $3, $4, $5, $6)`,
      values: [incarnation, kind, max, ...bounds([kind], heads), byRunAt ?? false],
    }),
  );
  const jobs = rows.filter(isRow).map(claimedJob).sort(byUrgency);
  heads?.moved(kind, jobs, max);
  return jobs;
}

/** Claims over several kinds in one statement, once a second. With `heads` it starts where claims left off. */
export async function poll(
  db: Sql,
  incarnation: string,
  appetites: readonly Appetite[],
  heads?: Heads,
): Promise<Polled> {
  const kinds = appetites.map(({ kind }) => kind);
  const rows = await asking(
    db.query<ClaimedRow>({
      name: 'agents.poll',
      text: `SELECT ${CLAIMED_COLUMNS} FROM agents.poll($1, $2, $3, $4, $5)`,
      values: [incarnation, kinds, appetites.map(({ max }) => max), ...bounds(kinds, heads)],
    }),
  );
  const jobs = rows.filter(isRow).map(claimedJob).sort(byUrgency);
  for (const { kind, max } of appetites) {
    const ofKind = jobs.filter((job) => job.kind === kind);
    heads?.moved(kind, ofKind, max);
  }
  return { jobs, aloneWaits: jobs.length < rows.length };
}

/**
 * Claims one row that must run alone, or none. Durable. Answers nothing while this worker still holds a row of the
 * given kinds.
 */
export async function claimAlone(
  db: Sql,
  incarnation: string,
  kinds: readonly string[],
): Promise<ClaimedJob | undefined> {
  const rows = await asking(
    db.query<ClaimedRow>({
      name: 'agents.claim_alone',
      text: `SELECT ${CLAIMED_COLUMNS} FROM agents.claim_alone($1, $2)`,
      values: [incarnation, [...kinds]],
    }),
  );
  return rows.filter(isRow).map(claimedJob)[0];
}

function isRow(row: ClaimedRow): row is ClaimedRow & { id: string } {
  return row.id !== null;
}

function byUrgency(a: ClaimedJob, b: ClaimedJob): number {
  return priorityRank(a.priority) - priorityRank(b.priority) || a.dueMicros - b.dueMicros || (a.id < b.id ? -1 : 1);
}
