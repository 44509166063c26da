import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { errorCode } from './guards.ts';

/** Thrown when another sandbox works in the same directory: two writers would spoil the memory. */
export class AlreadyRunning extends Error {
  constructor(path: string, pid: number) {
    super(
      `Process ${pid} already runs the sandbox PAC of this directory (${path}): stop it, or take another directory`,
    );
    this.name = 'AlreadyRunning';
  }
}

/** Whether `pid` lives and is a sandbox: a number may come back as another program. */
async function isSandbox(pid: number): Promise<boolean> {
  if (pid === process.pid || !Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    const commandLine = `/proc/${pid}/cmdline`;
    return !existsSync(commandLine) || (await readFile(commandLine, 'utf8')).includes('sandbox-pac');
  } catch (error) {
    if (['ESRCH', 'ENOENT'].includes(errorCode(error) ?? '')) return false;
    throw error;
  }
}

/** Writes this process's number into the file; a number left by a killed process is taken over. Errors: AlreadyRunning. */
export async function takePossession(path: string): Promise<void> {
  if (existsSync(path)) {
    const pid = Number(await readFile(path, 'utf8'));
    if (await isSandbox(pid)) throw new AlreadyRunning(path, pid);
  }
  await writeFile(path, String(process.pid), { mode: 0o600 });
}
