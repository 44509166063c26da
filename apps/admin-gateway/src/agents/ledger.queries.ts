import type { ConnectivityState, InternetClass, JobState, Priority } from '@nexora/contracts';
import type { Sql, Statement } from '@nexora/database';

/** A job as the ledger lists it; the payload is redacted there. */
export interface JobRow {
  readonly id: string;
  readonly agent: string;
  readonly kind: string;
  readonly organization: string | null;
  readonly priority: Priority;
  readonly state: JobState;
  readonly attempts: number;
  readonly losses: number;
  readonly dedupe_key: string | null;
  readonly order_key: string | null;
  readonly scope: string | null;
  readonly run_at: Date;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly instance: string | null;
  readonly progress_fraction: number | null;
  readonly progress_phrase: string | null;
  readonly last_error: Record<string, unknown> | null;
  readonly result: unknown;
  readonly payload: unknown;
}

const JOB_COLUMNS = `id, agent, kind, organization, priority, state, attempts, losses, dedupe_key, order_key, scope, run_at,
  created_at, started_at, finished_at, instance, progress_fraction::float8 AS progress_fraction, progress_phrase,
  last_error, result, payload`;

/** What narrows a listing of jobs; undefined leaves open. */
export interface JobFilter {
  readonly state?: JobState | undefined;
  readonly agent?: string | undefined;
  readonly kind?: string | undefined;
  readonly errorCode?: string | undefined;
  /** Exactly an id, a dedupe key, an order key, a scope or an error code. */
  readonly q?: string | undefined;
  /** Only jobs whose id is below this one. */
  readonly before?: string | undefined;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function listing(columns: string, filter: JobFilter, limit: number): Statement {
  const { state, agent, kind, errorCode, q, before } = filter;
  // Ids are written small in the ledger; every other word is taken as it is.
  const word = q !== undefined && UUID.test(q) ? q.toLowerCase() : q;
  const values = [state, agent, kind, errorCode, word, before].map((value) => value ?? null);
  return { text: `SELECT ${columns} FROM agents.list_jobs($1, $2, $3, $4, $5, $6, $7)`, values: [...values, limit] };
}

/** Jobs, newest first. */
export function jobs(sql: Sql, filter: JobFilter, limit: number): Promise<JobRow[]> {
  return sql.query<JobRow>(listing(JOB_COLUMNS, filter, limit));
}

/** Ids of jobs, newest first. */
export async function jobIds(sql: Sql, filter: JobFilter, limit: number): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(listing('id', filter, limit));
  return rows.map(({ id }) => id);
}

/** One job, or null. */
export async function job(sql: Sql, id: string): Promise<JobRow | null> {
  const text = `SELECT ${JOB_COLUMNS} FROM agents.job_listing WHERE id = $1`;
  const [row] = await sql.query<JobRow>({ name: 'gateway_job', text, values: [id] });
  return row ?? null;
}

/** Whatever may keep a pending job from being taken now. */
export interface GatesRow {
  readonly now: Date;
  readonly paused: boolean;
  /** Processes of its agent that are alive. */
  readonly live: number;
  /** All of them by AGENTS_ENABLED=false. */
  readonly switched_off: boolean;
  readonly waits_for_license: boolean;
  readonly license_message: string;
  readonly clock_wrong: boolean;
  /** Its class of work may not use the Internet now. */
  readonly class_closed: boolean;
  readonly line_state: ConnectivityState | 'unknown';
  readonly holds: readonly { readonly reason: string; readonly until: string | null }[];
}

const GATES = `
SELECT agents.now() AS now, a.paused, a.live, a.switched_off,
       coalesce(j.waits_for = 'license', false) AS waits_for_license, s.state->>'message' AS license_message,
       k.depends_on_time AND NOT c.ok AS clock_wrong,
       k.needs_internet IS NOT NULL AND k.needs_internet <> ALL (l.open_classes) AS class_closed, l.state AS line_state,
       coalesce((SELECT jsonb_agg(jsonb_build_object('reason', h.reason, 'until', h.until) ORDER BY h.held_at)
                   FROM agents.holds h
                  WHERE (h.kind IS NULL OR h.kind = j.kind) AND (h.scope IS NULL OR h.scope = j.scope)
                    AND (h.organization IS NULL OR h.organization = j.organization)), '[]') AS holds
  FROM agents.job_listing j
  JOIN agents.kinds k ON k.kind = j.kind
 CROSS JOIN LATERAL (
   SELECT bool_or(p.paused) AS paused, count(*) FILTER (WHERE p.state = 'live')::int AS live,
          coalesce(bool_and(p.about @> '{"enabled": false}') FILTER (WHERE p.state = 'live'), false) AS switched_off
     FROM agents.alive p WHERE p.agent = j.agent) a
 CROSS JOIN agents.connectivity_state l CROSS JOIN agents.clock_state c
 CROSS JOIN agents.license_state s
 WHERE j.id = $1`;

/** The gates before a job; null when its kind is no longer known. */
export async function gates(sql: Sql, id: string): Promise<GatesRow | null> {
  const [row] = await sql.query<GatesRow>({ name: 'gateway_gates', text: GATES, values: [id] });
  return row ?? null;
}

/** One run of a job that has ended. */
export interface AttemptRow {
  readonly number: number;
  readonly instance: string | null;
  readonly started_at: Date | null;
  readonly ended_at: Date;
  readonly outcome: string;
  readonly error: Record<string, unknown> | null;
}

/** Every attempt of a job, oldest first. */
export function attempts(sql: Sql, id: string): Promise<AttemptRow[]> {
  const text = `SELECT number, instance, started_at, ended_at, outcome, error FROM agents.attempts
                WHERE job = $1 ORDER BY ended_at, number`;
  return sql.query<AttemptRow>({ name: 'gateway_attempts', text, values: [id] });
}

/** One line that a handler wrote about its job. */
export interface LogRow {
  readonly at: Date;
  readonly level: string;
  readonly line: string;
  readonly fields: unknown;
}

/** What the job's handlers wrote, oldest first. */
export function logLines(sql: Sql, id: string): Promise<LogRow[]> {
  const text = 'SELECT at, level, line, fields FROM agents.job_logs WHERE job = $1 ORDER BY at';
  return sql.query<LogRow>({ name: 'gateway_job_log', text, values: [id] });
}

/** Backlog of one agent at one priority. */
export interface QueueRow {
  readonly agent: string;
  readonly priority: Priority;
  readonly pending: number;
  readonly due: number;
  readonly running: number;
  readonly in_doubt: number;
  readonly done_last_hour: number;
  readonly dead: number;
  readonly oldest_age: number | null;
}

/** Backlog of every agent at every priority, most urgent first. */
export function queues(sql: Sql): Promise<QueueRow[]> {
  const text = `SELECT agent, priority, pending::int AS pending, due::int AS due, running::int AS running,
      in_doubt::int AS in_doubt, done_last_hour::int AS done_last_hour, dead::int AS dead,
      CASE WHEN oldest IS NOT NULL THEN greatest(0, extract(epoch FROM agents.now() - oldest))::float8 END AS oldest_age
    FROM agents.queues()
    ORDER BY agent, array_position(ARRAY['critical', 'high', 'default', 'low'], priority)`;
  return sql.query<QueueRow>({ name: 'gateway_queues', text });
}

/** One process of an agent; the columns of the instance are null for an agent that never started. */
export interface AliveRow {
  readonly agent: string;
  readonly version: string;
  readonly paused: boolean;
  readonly instance: string | null;
  /** `silent`: counted as live, but no heartbeat came for 30 s. */
  readonly state: 'live' | 'silent' | 'lost' | 'stopped' | null;
  readonly started_at: Date | null;
  readonly last_beat_at: Date | null;
  readonly about: Record<string, unknown> | null;
}

/** Every declared agent with its processes. */
export function alive(sql: Sql): Promise<AliveRow[]> {
  const text = `SELECT agent, version, paused, instance, started_at, last_beat_at, about,
                  CASE WHEN state = 'live' AND last_beat_at < agents.now() - interval '30 s' THEN 'silent' ELSE state END AS state
                FROM agents.alive ORDER BY agent, instance, started_at DESC`;
  return sql.query<AliveRow>({ name: 'gateway_alive', text });
}

/** The house's clock. */
export interface ClockRow {
  readonly now: Date;
  /** False while it is behind what the house has seen. */
  readonly ok: boolean;
  readonly behind_seconds: number;
}

/** Whether the house's clock can be believed. */
export async function houseClock(sql: Sql): Promise<ClockRow> {
  const text = `SELECT now, ok, CASE WHEN ok THEN 0 ELSE date_part('epoch', high_water_mark - now) END AS behind_seconds
                FROM agents.clock_state`;
  const [row] = await sql.query<ClockRow>({ name: 'gateway_clock', text });
  if (row === undefined) throw new Error('agents.clock_state answered nothing; run the migrations.');
  return row;
}

/** A schedule and how it stands. */
export interface ScheduleRow {
  readonly name: string;
  readonly agent: string;
  readonly kind: string;
  readonly description: string | null;
  readonly rule: string;
  readonly zone: string;
  readonly paused: boolean;
  readonly last_run_at: Date | null;
  readonly last_job: string | null;
  readonly last_state: JobState | null;
  readonly next_run_at: Date | null;
}

/** Every schedule of the house. */
export function schedules(sql: Sql): Promise<ScheduleRow[]> {
  const text = `SELECT name, agent, kind, description, rule, zone, paused, last_run_at, last_job, last_state, next_run_at
                FROM agents.schedules ORDER BY agent, name`;
  return sql.query<ScheduleRow>({ name: 'gateway_schedules', text });
}

/** The line to the Internet. */
export interface ConnectivityRow {
  readonly state: ConnectivityState | 'unknown';
  readonly since: Date | null;
  readonly latency_ms: number | null;
  readonly last_error: string | null;
  readonly checked_at: Date | null;
  readonly open_classes: string[];
}

/** What the sync agent last said of the line. */
export async function connectivity(sql: Sql): Promise<ConnectivityRow> {
  const text = `SELECT state, since, latency_ms::float8 AS latency_ms, last_error, checked_at, open_classes
                FROM agents.connectivity_state`;
  const [row] = await sql.query<ConnectivityRow>({ name: 'gateway_connectivity', text });
  return (
    row ?? { state: 'unknown', since: null, latency_ms: null, last_error: null, checked_at: null, open_classes: [] }
  );
}

/** How far the work of one class is since the line came back. */
export interface DrainRow {
  readonly class: InternetClass;
  readonly open: boolean;
  readonly waiting: number;
  readonly due: number;
  readonly done: number;
  readonly rate_per_minute: number;
  readonly estimated_seconds: number | null;
}

/** Progress of every class of work that needs the Internet, in the order in which they go out. */
export function drain(sql: Sql): Promise<DrainRow[]> {
  const text = `SELECT class, open, waiting::int AS waiting, due::int AS due, done::int AS done, rate_per_minute, estimated_seconds
                FROM agents.drain_progress()`;
  return sql.query<DrainRow>({ name: 'gateway_drain', text });
}
