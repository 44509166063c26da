import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FolderInUse } from './errors.ts';
import { isAlive, pidsWorkingIn, refOf, signal } from './process-table.ts';
import { poll } from './wait.ts';

const FAST_STOP_MS = 20_000;

/**
 * Clears the way for a start on these data: ends an instance whose owner died (orderly, then by force), and removes
 * a postmaster.pid whose process is gone. After a power cut its number may belong to any other process by now, and
 * Postgres would refuse to start for its sake.
 */
export async function clearFormer(cluster: string): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid');
  const named = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8').split('\n')[0]) : 0;
  const former = instancePids(cluster);
  if (former.includes(named)) {
    signal(named, 'SIGCONT');
    signal(named, 'SIGINT');
    await poll(() => instancePids(cluster).length === 0, { within: FAST_STOP_MS });
  }
  const left = instancePids(cluster);
  for (const pid of left) signal(pid, 'SIGKILL');
  if ((await poll(() => instancePids(cluster).length === 0, { within: 5_000 })) === null) {
    throw new FolderInUse(`Processes ${left.join(', ')} still work on ${cluster} and cannot be ended.`);
  }
  rmSync(pidFile, { force: true });
}

/** Processes of Postgres that stand in this data directory: postmaster, workers, sessions. */
function instancePids(cluster: string): number[] {
  return pidsWorkingIn(cluster).filter((pid) => isPostgres(pid));
}

function isPostgres(pid: number): boolean {
  const ref = refOf(pid);
  if (ref === null || !isAlive(ref)) return false;
  const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  return name === 'postgres' || name === 'postmaster';
}
