import { realpath } from 'node:fs/promises';
import { tryLock, type Lock } from '@nexora/embedded';

/** Thrown when another sandbox works in the same directory: two writers would spoil the memory. */
export class AlreadyRunning extends Error {
  constructor(dir: string) {
    super(`A sandbox PAC already runs in the directory ${dir}: stop it, or take another directory`);
    this.name = 'AlreadyRunning';
  }
}

/** Has the directory until released, or until this process ends, however it ends. Errors: AlreadyRunning. */
export async function takePossession(dir: string): Promise<Lock> {
  const lock = await tryLock(`sandbox-pac:${await realpath(dir)}`);
  if (lock === null) throw new AlreadyRunning(dir);
  return lock;
}
