import { realpath } from 'node:fs/promises';
import { tryLock, type Lock } from '@nexora/embedded';

/** Thrown when another one works in the same directory: two writers would spoil the memory. */
export class AlreadyRunning extends Error {
  constructor(what: string, dir: string) {
    super(`A ${what} already runs in the directory ${dir}: stop it, or take another directory`);
    this.name = 'AlreadyRunning';
  }
}

/**
 * Has the directory for a `what` (`sandbox PAC`) until released, or until this process ends, however it ends. Errors:
 * AlreadyRunning.
 */
export async function takePossession(what: string, dir: string): Promise<Lock> {
  const lock = await tryLock(`${what}:${await realpath(dir)}`);
  if (lock === null) throw new AlreadyRunning(what, dir);
  return lock;
}
