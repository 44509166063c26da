import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { type Outcome, outcome, resetEffects } from '../effect.ts';
import { ConsumerProcess } from '../processes.ts';
import type { Services, System } from '../systems/system.ts';

const LIMIT_MS = 60_000;

/** Figure of one run: jobs (or effects) per second, and what was lost or done twice. */
export interface Throughput extends Outcome {
  readonly perSecond: number;
}

/**
 * Drains `count` committed jobs with one consumer. Timed from the start of the first handler to the
 * commit of the last effect, so that the start of the process counts for nobody.
 */
export async function drain(system: System, services: Services, admin: Pool, count: number): Promise<Throughput> {
  await resetEffects(admin, count);
  await system.empty(services, admin);
  await system.fill(services, admin, 1, count);
  await admin.query('CHECKPOINT');
  const consumer = await ConsumerProcess.start(system, services);
  await effectsDone(admin, count);
  const report = await consumer.report();
  await consumer.stop();
  const seconds = (report.lastDone - report.firstStart) / 1e6;
  return { perSecond: report.done / seconds, ...(await outcome(admin, await system.left(services, admin))) };
}

/** The same while another session holds a REPEATABLE READ snapshot open, as pg_dump does: dead rows cannot be removed. */
export async function pinned(system: System, services: Services, admin: Pool, count: number): Promise<Throughput> {
  const dump = await admin.connect();
  try {
    await dump.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await dump.query('SELECT count(*) FROM pg_class');
    return await drain(system, services, admin, count);
  } finally {
    await dump.query('ROLLBACK');
    dump.release();
  }
}

/** Waits until every business row shows an effect, or the limit has passed; whichever comes first. */
export async function effectsDone(admin: Pool, count: number, limitMs = LIMIT_MS): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (Date.now() < deadline) {
    const { rows } = await admin.query<{ open: boolean }>(
      'SELECT count(*) < $1 OR exists(SELECT FROM bench.effect WHERE runs = 0) AS open FROM bench.effect',
      [count],
    );
    if (rows[0]?.open === false) return;
    await sleep(250);
  }
}
