import type { Priority } from '@nexora/contracts';
import type { Database, Sql, Tx } from '@nexora/database';
import { catchUp, type Missed } from './catch-up.ts';
import { asking, ledgerError } from './errors.ts';
import { timetable, type Rule } from './timetable.ts';

/** A schedule as its agent declares it. Exactly one of `cron` and `everyMs`. */
export interface ScheduleSpec {
  /** Unique over the house, for instance `cfdi.pick-up-pending`. */
  readonly name: string;
  /** A sentence that the owner reads. */
  readonly description?: string;
  readonly kind: string;
  readonly payload: unknown;
  readonly priority?: Priority;
  /** Five fields, in the zone. */
  readonly cron?: string;
  /** At least 1,000. Slots stand at whole multiples of it since 1970. */
  readonly everyMs?: number;
  /** IANA zone of the business, for instance `America/Tijuana`. */
  readonly zone: string;
  /** What becomes of slots that were missed. Default `one`. */
  readonly catchUp?: Missed;
  /** A slot that is later than this is given up. Default: however late. */
  readonly maxLateMs?: number;
  /** Missed slots of the whole house start at least this far apart. Default 30,000. */
  readonly spacingMs?: number;
}

/** What one look at the schedules did. */
export interface FiredSlot {
  readonly schedule: string;
  readonly kind: string;
  readonly slot: Date;
  readonly job: string;
}

/** What a look fired, how many due slots got no job of their own, and which schedules could not be fired. */
export interface Fired {
  readonly fired: FiredSlot[];
  readonly missed: { schedule: string; slots: number }[];
  /** They stay due and are tried again by the next look; the others go on. */
  readonly failed: { schedule: string; error: unknown }[];
}

interface DueRow {
  name: string;
  kind: string;
  cron: string | null;
  every_ms: number | null;
  zone: string;
  catch_up: 'one' | 'all' | 'skip';
  catch_up_max: number;
  max_late_ms: number | null;
  next_slot: Date | null;
  resumed_at: Date | null;
  at: Date;
  stepped_back: boolean;
}

const DUE = { name: 'agents.due_slots', text: 'SELECT * FROM agents.due_slots($1)' };

/**
 * Fires the due slots of an agent: computes in its zone which slots are due, inserts (schedule, slot) and job in one
 * transaction, and moves the schedule on. Any number of replicas may call it every second.
 */
export async function fireDueSlots(db: Database, agent: string): Promise<Fired> {
  // Almost always there is nothing to do, and then it costs one statement.
  if ((await asking(db.query<DueRow>({ ...DUE, values: [agent] }))).length === 0) return nothing();
  return asking(
    db.transaction(async (tx) => {
      const outcome = nothing();
      for (const row of await tx.query<DueRow>({ ...DUE, values: [agent] })) await tryToFire(tx, row, outcome);
      return outcome;
    }),
  );
}

const nothing = (): Fired => ({ fired: [], missed: [], failed: [] });

/** Fires one schedule or leaves it as it was. Throws only when the connection is gone. */
async function tryToFire(tx: Tx, row: DueRow, outcome: Fired): Promise<void> {
  await tx.query({ text: 'SAVEPOINT schedule' });
  try {
    await fire(tx, row, outcome);
    await tx.query({ text: 'RELEASE SAVEPOINT schedule' });
  } catch (error) {
    await tx.query({ text: 'ROLLBACK TO SAVEPOINT schedule' });
    outcome.failed.push({ schedule: row.name, error: ledgerError(error) });
  }
}

async function fire(tx: Tx, row: DueRow, outcome: Fired): Promise<void> {
  const { slots, next, givenUp } = plan(row);
  const fired = await tx.query<{ slot: Date; job: string }>({
    name: 'agents.fire',
    text: 'SELECT slot, job FROM agents.fire($1, $2, $3, $4)',
    values: [row.name, slots.map(({ slot }) => slot), next, givenUp],
  });
  outcome.fired.push(...fired.map(({ slot, job }) => ({ schedule: row.name, kind: row.kind, slot, job })));
  if (givenUp > 0) outcome.missed.push({ schedule: row.name, slots: givenUp });
}

function plan(row: DueRow) {
  const table = timetable(ruleOf(row));
  // A new schedule, or one computed by a clock that has stepped back since, starts from now.
  if (row.next_slot === null || row.stepped_back) return { slots: [], next: table.after(row.at), givenUp: 0 };
  // Slots that passed while it was paused are not caught up.
  const from = row.resumed_at !== null && row.resumed_at > row.next_slot ? row.resumed_at : row.next_slot;
  const missed = row.catch_up === 'all' ? { all: row.catch_up_max } : row.catch_up;
  return catchUp(table, from, row.at, { missed, maxLateMs: row.max_late_ms });
}

function ruleOf({ cron, every_ms: everyMs, zone }: Pick<DueRow, 'cron' | 'every_ms' | 'zone'>): Rule {
  if (cron !== null) return { cron, zone };
  return { everyMs: everyMs ?? 0 };
}

/**
 * Reads a schedule's rule, so that a wrong one shows when the agent starts.
 * @throws RangeError or TypeError with a sentence when rule or zone cannot be read.
 */
export function checkSchedule({ cron, everyMs, zone }: Pick<ScheduleSpec, 'cron' | 'everyMs' | 'zone'>): void {
  timetable(cron === undefined ? { everyMs: everyMs ?? 0 } : { cron, zone });
}

/** Runs a schedule once, now, beside its slots. @returns The job's id, or null when there is no such schedule. */
export async function runSchedule(db: Sql, name: string): Promise<string | null> {
  const rows = await asking(
    db.query<{ id: string | null }>({ text: 'SELECT agents.run_schedule($1) AS id', values: [name] }),
  );
  return rows[0]?.id ?? null;
}

/** Stops a schedule from firing; slots that pass meanwhile are not caught up. */
export async function pauseSchedule(db: Sql, name: string): Promise<'paused' | 'unknown'> {
  const rows = await asking(
    db.query<{ answer: 'paused' | 'unknown' }>({ text: 'SELECT agents.pause_schedule($1) AS answer', values: [name] }),
  );
  return rows[0]?.answer ?? 'unknown';
}

/** Lets a schedule fire again, from the next slot on. */
export async function resumeSchedule(db: Sql, name: string): Promise<'resumed' | 'unknown'> {
  const rows = await asking(
    db.query<{ answer: 'resumed' | 'unknown' }>({
      text: 'SELECT agents.resume_schedule($1) AS answer',
      values: [name],
    }),
  );
  return rows[0]?.answer ?? 'unknown';
}
