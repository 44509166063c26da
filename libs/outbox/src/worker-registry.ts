import type { InternetClass } from '@nexora/contracts';
import type { Sql } from '@nexora/database';
import { asking } from './errors.ts';

/** A process that comes to work. */
export interface WorkerCard {
  readonly agent: string;
  /** Name of the place in the house (supervisor's slot, pod); two live processes never share one. */
  readonly instance: string;
  /** UUID that this process made up at start, and makes anew when Postgres restarted. */
  readonly incarnation: string;
  /** Shown to operators: version, host, pid, dependencies. No secrets. */
  readonly about?: Readonly<Record<string, unknown>>;
}

/** What the ledger tells a process at every heartbeat. */
export interface Heartbeat {
  /** False: declared lost. Abort everything and start under a new incarnation. */
  readonly known: boolean;
  /** When this Postgres started; another value means a restart, and asynchronous claims may be gone. */
  readonly postmasterStart: Date;
  /** What the house's clock is ahead of Postgres' own, in milliseconds. */
  readonly clockOffsetMs: number;
  /** False: the clock is behind what it has shown before; time-dependent work stops. */
  readonly clockOk: boolean;
  /** True while the agent is paused. */
  readonly paused: boolean;
  /** Internet classes whose kinds may be claimed. */
  readonly openClasses: InternetClass[];
  /** Rows of this worker that somebody cancelled and that still run. */
  readonly cancelled: string[];
}

interface BeatRow {
  known: boolean;
  postmaster_start: Date;
  clock_offset_ms: number;
  clock_ok: boolean;
  paused: boolean;
  open_classes: InternetClass[];
  cancelled: string[];
}

/**
 * Registers the process. A predecessor under the same instance name is lost at once, and its rows are released.
 * @returns How many rows that released, and when Postgres started.
 */
export async function startWorker(db: Sql, card: WorkerCard): Promise<{ postmasterStart: Date; lostRows: number }> {
  const rows = await asking(
    db.query<{ postmaster_start: Date; lost_rows: number }>({
      text: 'SELECT * FROM agents.start_worker($1, $2, $3, $4)',
      values: [card.agent, card.instance, card.incarnation, JSON.stringify(card.about ?? {})],
    }),
  );
  const row = rows[0];
  if (row === undefined) throw new Error('agents.start_worker answered nothing; run the migrations.');
  return { postmasterStart: row.postmaster_start, lostRows: row.lost_rows };
}

/** Raises the counter that the sweepers watch, and learns what changed; every 5 s. */
export async function beat(db: Sql, incarnation: string): Promise<Heartbeat> {
  const rows = await asking(
    db.query<BeatRow>({ name: 'agents.beat', text: 'SELECT * FROM agents.beat($1)', values: [incarnation] }),
  );
  const row = rows[0];
  if (row === undefined) throw new Error('agents.beat answered nothing; run the migrations.');
  return {
    known: row.known,
    postmasterStart: row.postmaster_start,
    clockOffsetMs: row.clock_offset_ms,
    clockOk: row.clock_ok,
    paused: row.paused,
    openClasses: row.open_classes,
    cancelled: row.cancelled,
  };
}

/**
 * Adds to what the process told of itself at its start, for instance which parts it reaches. No secrets.
 * @returns False when this incarnation is lost or has stopped.
 */
export async function tell(db: Sql, incarnation: string, about: Readonly<Record<string, unknown>>): Promise<boolean> {
  const rows = await asking(
    db.query<{ told: boolean }>({
      name: 'agents.tell',
      text: 'SELECT agents.tell($1, $2) AS told',
      values: [incarnation, JSON.stringify(about)],
    }),
  );
  return rows[0]?.told ?? false;
}

/** Says goodbye. Rows that are still held go back uncounted. */
export async function stopWorker(db: Sql, incarnation: string): Promise<void> {
  await asking(db.query({ text: 'SELECT agents.stop_worker($1)', values: [incarnation] }));
}
