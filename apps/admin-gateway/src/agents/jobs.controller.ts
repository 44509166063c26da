import { Controller } from '@nestjs/common';
import { isRfc } from '@nexora/comprobante';
import type { Sql } from '@nexora/database';
import { Ledger } from '@nexora/outbox';
import { allows } from '../auth/roles.ts';
import { Acts, type Done } from '../http/acts.ts';
import type { Call } from '../http/call.ts';
import { page } from '../http/cursor.ts';
import { iso } from '../http/iso.ts';
import { Problem } from '../http/problem.ts';
import type { RawAnswer } from '../http/raw-answer.ts';
import { Handles } from '../http/route.ts';
import type { AnswerOf, InputOf } from '../http/route-spec.ts';
import { Postgres } from '../store/postgres.ts';
import { cancelJob, listJobs, readJob, retryJobs } from './jobs.routes.ts';
import * as ledger from './ledger.queries.ts';
import { waitsFor } from './waits-for.ts';

/** Jobs of all agents: looked at, cancelled, brought back. */
@Controller()
export class JobsController {
  constructor(
    private readonly postgres: Postgres,
    private readonly acts: Acts,
  ) {}

  @Handles(listJobs)
  async list({ query }: InputOf<typeof listJobs>, call: Call): Promise<AnswerOf<typeof listJobs>> {
    const { limit, cursor, ...filter } = query;
    // What a viewer is not shown is not told by a search for it either.
    if (filter.q !== undefined && isRfc(filter.q) && !mayAct(call)) return page([], limit);
    const rows = await ledger.jobs(this.postgres, { ...filter, before: cursor }, limit + 1);
    return page(rows.map(summary), limit);
  }

  @Handles(readJob)
  async read({ params }: InputOf<typeof readJob>, call: Call): Promise<AnswerOf<typeof readJob>> {
    const row = await ledger.job(this.postgres, params.id);
    if (row === null) throw unknownJob();
    const [trail, log, gates] = await Promise.all([
      ledger.attempts(this.postgres, row.id),
      ledger.logLines(this.postgres, row.id),
      row.state === 'pending' ? ledger.gates(this.postgres, row.id) : null,
    ]);
    return {
      ...story(row),
      scope: mayAct(call) ? row.scope : null,
      waitsFor: gates === null ? [] : waitsFor(row, gates),
      trail: trail.map(attempt),
      log: log.map((entry) => ({ ...entry, at: iso(entry.at) })),
    };
  }

  @Handles(cancelJob)
  async cancel({ params }: InputOf<typeof cancelJob>, call: Call): Promise<RawAnswer> {
    return this.acts.act(call, async (tx) => cancelOne(tx, params.id));
  }

  @Handles(retryJobs)
  async retry({ body }: InputOf<typeof retryJobs>, call: Call): Promise<RawAnswer> {
    return this.acts.act(call, async (tx) => {
      const ids = 'ids' in body ? body.ids : await ledger.jobIds(tx, body.filter, body.limit);
      const outcomes = await retryEach(tx, ids);
      const retried = outcomes.filter(({ outcome }) => outcome === 'pending').map(({ id }) => id);
      const refused = outcomes
        .filter(({ outcome }) => outcome !== 'pending')
        .map(({ id, outcome }) => ({ id, reason: outcome }));
      const detail = { retried: retried.length, refused: refused.length };
      return { status: 202, body: { retried, refused }, audit: { action: 'jobs.retry', target: 'jobs', detail } };
    });
  }
}

async function cancelOne(tx: Sql, id: string): Promise<Done> {
  const state = await new Ledger(tx).cancel(id);
  if (state === 'unknown') throw unknownJob();
  if (state === 'finished')
    throw new Problem('agents.job-finished', 'The job has ended; there is nothing left to cancel.');
  const audit = { action: 'job.cancel', target: id, detail: { state } };
  return { status: state === 'cancelled' ? 200 : 202, body: { id, state }, audit };
}

/** Retries in one statement; the outcome of each tells why one could not be brought back. */
async function retryEach(tx: Sql, ids: readonly string[]): Promise<{ id: string; outcome: string }[]> {
  const text = 'SELECT id, agents.retry_job(id) AS outcome FROM unnest($1::uuid[]) AS id';
  return tx.query({ name: 'gateway_retry_jobs', text, values: [[...new Set(ids)].sort()] });
}

/** Who acts on jobs must know whose they are. A scope is mostly an RFC, and that may be a person's. */
function mayAct({ caller }: Call): boolean {
  return caller !== null && allows(caller.role, 'operator');
}

/** The 404 for a job that nobody knows. */
export function unknownJob(): Problem {
  return new Problem('agents.job-not-found', 'There is no such job, or its history has been pruned. Check the id.');
}

function summary(row: ledger.JobRow) {
  return {
    id: row.id,
    agent: row.agent,
    kind: row.kind,
    state: row.state,
    priority: row.priority,
    attempts: row.attempts,
    runAt: iso(row.run_at),
    createdAt: iso(row.created_at),
    finishedAt: iso(row.finished_at),
    error: row.last_error,
  };
}

function story(row: ledger.JobRow) {
  const { progress_fraction: fraction, progress_phrase: phrase } = row;
  return {
    ...summary(row),
    organization: row.organization,
    dedupeKey: row.dedupe_key,
    orderKey: row.order_key,
    startedAt: iso(row.started_at),
    instance: row.instance,
    losses: row.losses,
    progress: fraction === null && phrase === null ? null : { fraction, phrase },
    payload: row.payload,
    result: row.result,
  };
}

function attempt({ number, instance, started_at, ended_at, outcome, error }: ledger.AttemptRow) {
  return { number, instance, startedAt: iso(started_at), endedAt: iso(ended_at), outcome, error };
}
