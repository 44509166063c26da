import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

const NAME = 'state.json';
/** More than the largest list and document together; what is larger was not written by us. */
const MAX_BYTES = 4 * 1_048_576;
/** A leftover of a process that was killed; a living writer needs no minute. */
const LEFTOVER_MS = 60_000;

/** The text that is kept outside Postgres. Replaced as a whole: whoever reads finds the old text or the new one. */
export class StateFile {
  readonly path: string;
  #swept = false;

  /** @param folder LICENSE_DIR; made when it is not there. */
  constructor(folder: string) {
    this.path = join(resolve(folder), NAME);
  }

  /** What is kept, undefined when there is nothing yet. @throws the file system's error when it cannot be read */
  async read(): Promise<string | undefined> {
    try {
      const found = await stat(this.path);
      // A device or a pipe in its place would never end.
      if (!found.isFile() || found.size > MAX_BYTES) throw new Error(`${NAME} is nothing that was written here.`);
      return await readFile(this.path, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  /**
   * Replaces the text, durably: when it resolves, a power cut leaves the new one.
   * @throws the file system's error (disk full, read-only); then the old text stands
   */
  async write(text: string): Promise<void> {
    const folder = dirname(this.path);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await this.#sweep(folder);
    const draft = `${this.path}.${randomUUID()}.tmp`;
    try {
      await written(draft, text);
      await rename(draft, this.path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    await synced(folder);
  }

  /** Drafts of processes that were killed would pile up otherwise. */
  async #sweep(folder: string): Promise<void> {
    if (this.#swept) return;
    this.#swept = true;
    for (const name of await readdir(folder)) {
      if (!name.startsWith(`${basename(this.path)}.`) || !name.endsWith('.tmp')) continue;
      const { mtimeMs } = await stat(join(folder, name));
      if (Math.abs(Date.now() - mtimeMs) > LEFTOVER_MS) await rm(join(folder, name), { force: true });
    }
  }
}

async function written(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is durable when its folder is. */
async function synced(folder: string): Promise<void> {
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
