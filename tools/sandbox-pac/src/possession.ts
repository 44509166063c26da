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

/** When a process began, in the kernel's ticks; '' where that cannot be asked. Tells it from a later one with its number. */
async function beganAt(pid: number): Promise<string> {
  const stat = `/proc/${pid}/stat`;
  if (!existsSync(stat)) return '';
  // The second field, the name in brackets, may hold spaces; the 20th after it is the start.
  const fields = (await readFile(stat, 'utf8')).split(') ').at(-1)?.split(' ') ?? [];
  return fields[19] ?? '';
}

async function isAlive(pid: number, began: string): Promise<boolean> {
  if (pid === process.pid || !Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return (await beganAt(pid)) === began;
  } catch (error) {
    if (['ESRCH', 'ENOENT'].includes(errorCode(error) ?? '')) return false;
    throw error;
  }
}

/** Notes that this process has the directory; what a killed one noted is taken over. Errors: AlreadyRunning. */
export async function takePossession(path: string): Promise<void> {
  if (existsSync(path)) {
    const [pid = '', began = ''] = (await readFile(path, 'utf8')).split(' ');
    if (await isAlive(Number(pid), began)) throw new AlreadyRunning(path, Number(pid));
  }
  await writeFile(path, `${process.pid} ${await beganAt(process.pid)}`, { mode: 0o600 });
}
