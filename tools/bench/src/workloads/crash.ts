import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { type Outcome, outcome, resetEffects } from '../effect.ts';
import { monotonicMicros } from '../numbers.ts';
import { ConsumerProcess } from '../processes.ts';
import type { Services, System } from '../systems/system.ts';
import { effectsDone } from './drain.ts';

const JOBS = 20_000;
/** In the middle of a fetch for systems that fetch by hundreds: at its end they would hold nothing. */
const KILL_AFTER = 2_250;
const WATCH_SECONDS = 30;

/** Seconds until the jobs that a killed consumer held ran again, and what was lost or done twice in the end. */
export interface Recovery extends Outcome {
  readonly seconds: number;
}

/**
 * Kills the consumer with SIGKILL in the middle of a drain and starts it again at once. Recovery is when
 * the last of the jobs whose handlers had started, and whose effects were not committed, runs again; 30
 * when one of them still waits after 30 seconds.
 */
export async function crash(system: System, services: Services, admin: Pool): Promise<Recovery> {
  await resetEffects(admin, JOBS);
  await system.empty(services, admin);
  await system.fill(services, admin, 1, JOBS);
  const folder = await mkdtemp(join(tmpdir(), 'bench-crash-'));
  const starts = join(folder, 'starts');
  const first = await ConsumerProcess.start(system, services, starts);
  while ((await startedIn(starts)).size < KILL_AFTER) await sleep(5);
  await first.kill();
  const held = await heldAt(starts, admin);
  const restarted = monotonicMicros();
  const again = join(folder, 'again');
  const second = await ConsumerProcess.start(system, services, again);
  const seconds = await untilHeldRan(held, again, admin, restarted);
  await effectsDone(admin, JOBS, Math.max(0, WATCH_SECONDS * 1000 - (monotonicMicros() - restarted) / 1000));
  await second.stop();
  await rm(folder, { recursive: true });
  return { seconds, ...(await outcome(admin, await system.left(services, admin))) };
}

async function startedIn(file: string): Promise<Map<number, number>> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => [Number(line.split(' ')[0]), Number(line.split(' ')[1])]));
}

/** The jobs whose handler had started and whose effect was not committed when the process died. */
async function heldAt(starts: string, admin: Pool): Promise<Set<number>> {
  const started = await startedIn(starts);
  const { rows } = await admin.query<{ id: string }>('SELECT id FROM bench.effect WHERE runs > 0');
  const finished = new Set(rows.map((row) => Number(row.id)));
  return new Set([...started.keys()].filter((id) => !finished.has(id)));
}

/** A commit that was on its way when the process died counts as done: its job needs no second run. */
async function withoutEffect(ids: readonly number[], admin: Pool): Promise<number[]> {
  const { rows } = await admin.query<{ id: string }>('SELECT id FROM bench.effect WHERE runs = 0 AND id = ANY ($1)', [
    ids,
  ]);
  return rows.map((row) => Number(row.id));
}

async function untilHeldRan(held: ReadonlySet<number>, again: string, admin: Pool, since: number): Promise<number> {
  for (;;) {
    const ran = await startedIn(again);
    const missing = await withoutEffect(
      [...held].filter((id) => !ran.has(id)),
      admin,
    );
    if (missing.length === 0) {
      const last = Math.max(since, ...[...held].map((id) => ran.get(id) ?? since));
      return Math.min(WATCH_SECONDS, (last - since) / 1e6);
    }
    if (monotonicMicros() - since > WATCH_SECONDS * 1e6) return WATCH_SECONDS;
    await sleep(50);
  }
}
