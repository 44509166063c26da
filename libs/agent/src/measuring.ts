import type { Database } from '@nexora/database';
import type { Clock, Telemetry } from '@nexora/runtime';
import { loop } from './loops.ts';

const EVERY_MS = 15_000;
/** Measuring a huge backlog must not become a load of its own: it rests so many times as long as it took. */
const REST_FACTOR = 50;

/** What is measured, and who tells it. */
export interface MeasuringParts {
  readonly agent: string;
  readonly kinds: readonly string[];
  readonly database: Database;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly signal: AbortSignal;
  /** How many jobs of a kind run in this process. */
  readonly running: (kind: string) => number;
}

interface BacklogRow {
  readonly kind: string;
  readonly state: string;
  readonly jobs: string;
  readonly oldest_seconds: number | null;
}

interface ScheduleRow {
  readonly name: string;
  readonly last_finished_at: Date;
  readonly period_ms: number | null;
}

const STATES = ['pending', 'running', 'in_doubt', 'dead'];

/** Keeps the gauges of an agent up to date: backlog by state, age of the oldest due row, schedules, running jobs. */
export function measure(parts: MeasuringParts): Promise<void> {
  const { clock, telemetry, signal } = parts;
  let restUntil = 0;
  const onError = (error: unknown) => telemetry.emit('measuring-failed', { error });
  return loop({ clock, everyMs: EVERY_MS, signal, onError }, async () => {
    for (const kind of parts.kinds) telemetry.emit('jobs-running', { kind, jobs: parts.running(kind) });
    if (clock.monotonic() < restUntil) return;
    const began = clock.monotonic();
    await measureBacklog(parts);
    await measureSchedules(parts);
    restUntil = clock.monotonic() + (clock.monotonic() - began) * REST_FACTOR;
  });
}

async function measureBacklog({ agent, kinds, database, telemetry }: MeasuringParts): Promise<void> {
  const rows = await database.query<BacklogRow>({ text: 'SELECT * FROM agents.backlog($1)', values: [agent] });
  for (const kind of kinds) {
    const ofKind = rows.filter((row) => row.kind === kind);
    for (const state of STATES) {
      const found = ofKind.find((row) => row.state === state);
      telemetry.emit('backlog-measured', { kind, state, rows: Number(found?.jobs ?? 0) });
    }
    const waiting = ofKind.find((row) => row.state === 'pending');
    telemetry.emit('oldest-measured', { kind, ageMs: (waiting?.oldest_seconds ?? 0) * 1_000 });
  }
}

async function measureSchedules({ agent, database, telemetry }: MeasuringParts): Promise<void> {
  const rows = await database.query<ScheduleRow>({
    text: `SELECT name, last_finished_at, date_part('epoch', next_run_at - last_slot) * 1000 AS period_ms
             FROM agents.schedules WHERE agent = $1 AND last_state = 'done'`,
    values: [agent],
  });
  for (const { name, last_finished_at: last, period_ms: periodMs } of rows) {
    telemetry.emit('schedule-measured', { schedule: name, lastSuccessMs: last.getTime(), periodMs: periodMs ?? 0 });
  }
}
