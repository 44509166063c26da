import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ignore } from './durable.ts';

const EVERY_MS = 60 * 60_000;
/** Far longer than a writer pauses between two pieces of a body. */
const STALE_MS = 6 * 60 * 60_000;

/** Removes temporary files that a killed writer left behind: at the first write of a process, then every hour. */
export class Sweep {
  readonly #folder: string;
  #due = -Infinity;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Sweeps when it is due. A file that goes although its writer lives costs that writer an error, never a torn object. */
  async run(): Promise<void> {
    if (performance.now() < this.#due) return;
    this.#due = performance.now() + EVERY_MS;
    const names = await readdir(this.#folder).catch((error: unknown) => (ignore(error, 'ENOENT', 'ENOTDIR'), []));
    for (const name of names) await removeStale(join(this.#folder, name));
  }
}

async function removeStale(path: string): Promise<void> {
  try {
    if (Date.now() - (await lstat(path)).mtimeMs > STALE_MS) await rm(path, { force: true });
  } catch (error) {
    ignore(error, 'ENOENT', 'EACCES', 'EPERM'); // gone, or of another user who sweeps himself
  }
}
