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
  readonly finished_at: Date | null;
  readonly period_ms: number | null;
}

/** An answer that took longer says too little about the moment at which the ledger looked at its clock. */
const LONGEST_LOOK_MS = 2_000;
const STATES = ['pending', 'running', 'in_doubt', 'dead'];

/** Keeps the gauges of an agent up to date: backlog by state, age of the oldest due row, schedules, running jobs, clock. */
export function measure(parts: MeasuringParts): Promise<void> {
  const { clock, telemetry, signal } = parts;
  let restUntil = 0;
  const onError = (error: unknown) => telemetry.emit('measuring-failed', { error });
  return loop({ clock, everyMs: EVERY_MS, signal, onError }, async () => {
    for (const kind of parts.kinds) telemetry.emit('jobs-running', { kind, jobs: parts.running(kind) });
    if (clock.monotonic() < restUntil) return;
    const began = clock.monotonic();
    await measureClock(parts);
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

/** A schedule that never went well shows its period alone. */
async function measureSchedules({ agent, database, telemetry }: MeasuringParts): Promise<void> {
  const rows = await database.query<ScheduleRow>({
    text: `SELECT s.name, x.finished_at,
                  date_part('epoch', coalesce(s.every, s.next_run_at - s.last_slot)) * 1000 AS period_ms
             FROM agents.schedules s JOIN agents.schedule_successes x USING (name) WHERE s.agent = $1`,
    values: [agent],
  });
  for (const { name, finished_at: last, period_ms: periodMs } of rows) {
    telemetry.emit('schedule-measured', {
      schedule: name,
      lastSuccessMs: last?.getTime(),
      periodMs: periodMs ?? undefined,
    });
  }
}

/** Both clocks carry the house's offset, so that what is left is the fault of this machine or of Postgres'. */
async function measureClock({ database, clock, telemetry }: MeasuringParts): Promise<void> {
  const sentAt = clock.now().getTime();
  const [row] = await database.query<{ at: number }>({ text: `SELECT date_part('epoch', agents.now()) * 1000 AS at` });
  const heardAt = clock.now().getTime();
  if (row === undefined || heardAt - sentAt > LONGEST_LOOK_MS) return;
  telemetry.emit('clock-measured', { skewMs: (sentAt + heardAt) / 2 - row.at });
}
