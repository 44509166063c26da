import { Pool } from 'pg';
import type { Done, Started, Touch } from './systems/system.ts';

/** The one statement that every handler of every system runs: an UPDATE by primary key. */
export const TOUCH = 'UPDATE bench.effect SET runs = runs + 1 WHERE id = $1';

/** How many jobs of a run had no effect, and how many effects came twice. */
export interface Outcome {
  readonly lost: number;
  readonly duplicates: number;
}

/** Makes the table of effects. */
export async function prepareEffects(admin: Pool): Promise<void> {
  await admin.query('CREATE SCHEMA IF NOT EXISTS bench');
  await admin.query('CREATE TABLE IF NOT EXISTS bench.effect (id bigint PRIMARY KEY, runs integer NOT NULL DEFAULT 0)');
}

/** Empties the table and puts the business rows 1..count in. */
export async function resetEffects(admin: Pool, count: number): Promise<void> {
  await admin.query('TRUNCATE bench.effect');
  await admin.query('INSERT INTO bench.effect (id) SELECT generate_series(1, $1::bigint)', [count]);
  await admin.query('VACUUM ANALYZE bench.effect');
}

/**
 * Counts what a run left behind. Every committed business row must show exactly one effect; a row
 * without one is lost unless its job still stands in the queue.
 * @param left jobs that still stand in the queue
 */
export async function outcome(admin: Pool, left: number): Promise<Outcome> {
  const { rows } = await admin.query<{ lost: string; duplicates: string }>(
    `SELECT count(*) FILTER (WHERE runs = 0) AS lost, coalesce(sum(runs - 1) FILTER (WHERE runs > 1), 0) AS duplicates
       FROM bench.effect`,
  );
  return { lost: Math.max(0, Number(rows[0]?.lost) - left), duplicates: Number(rows[0]?.duplicates) };
}

/** The handler's effect for systems that have no transaction of their own to join: ten connections, a prepared statement. */
export function touching(databaseUrl: string): { touch: Touch; close(): Promise<void> } {
  const pool = new Pool({ connectionString: databaseUrl, max: 10 });
  return {
    touch: async (id) => {
      await pool.query({ name: 'touch', text: TOUCH, values: [id] });
    },
    close: () => pool.end(),
  };
}

/** The peers' handler: tells of its start, runs the effect, tells of its end. */
export function handler(touch: Touch, heard: { started: Started; done: Done }): Touch {
  return async (id) => {
    heard.started(id);
    await touch(id);
    heard.done();
  };
}
