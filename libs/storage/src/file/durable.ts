import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RESERVED_FOLDER } from '../key.ts';
import { systemCode } from '../system-code.ts';

/** Where a finished file is: its inode and time stay the same when it is renamed or linked. */
export interface Identity {
  readonly ino: string;
  readonly mtimeNs: string;
  readonly size: number;
}

/** Invoices name people: nothing for others than user and group. */
const FOLDER_MODE = 0o770;
const FILE_MODE = 0o660;
const MOST_KNOWN_FOLDERS = 10_000;

/**
 * The steps that make a change survive a power cut. A file is only safe once it was synced, a name (new file, rename,
 * link, new folder) only once the folder that holds it was synced.
 */
export class Durable {
  /** Folders whose own names were synced by this process, up to the root. */
  readonly #known = new Set<string>();
  readonly #root: string;
  readonly #own: string;
  #seen = false;

  constructor(root: string) {
    this.#root = root;
    this.#own = join(root, RESERVED_FOLDER);
  }

  /** The directory was there, with what belongs to the store. */
  seen(): void {
    this.#seen = true;
  }

  /**
   * To be asked when something is missing. A directory that was there and is not there any more is a disk that was
   * unplugged, not an empty store, and must not be made anew in the place where the disk should be.
   * @throws the system's ENOENT.
   */
  async confirm(): Promise<void> {
    if (this.#seen) await stat(this.#own);
  }

  /** Makes the folder and those above it. That somebody else made one does not mean that he synced it. */
  async folder(path: string): Promise<void> {
    if (this.#known.has(path)) return;
    const missing: string[] = [];
    for (let one = path; one !== this.#root && !this.#known.has(one); one = dirname(one)) missing.unshift(one);
    if (!this.#known.has(this.#root)) await this.#makeRoot();
    for (const one of missing) {
      await makeFolder(one);
      await this.sync(dirname(one));
    }
    if (this.#known.size + missing.length > MOST_KNOWN_FOLDERS) this.#known.clear();
    for (const one of [this.#root, ...missing]) this.#known.add(one);
    this.#seen ||= missing.includes(this.#own);
  }

  async #makeRoot(): Promise<void> {
    await this.confirm();
    const first = await mkdir(this.#root, { recursive: true, mode: FOLDER_MODE });
    if (first === undefined) return; // it was there; its parent may be none of our business
    for (let one = this.#root; one !== dirname(first); one = dirname(one)) await this.sync(dirname(one));
  }

  /** A folder was missing after all: somebody removed it. */
  forgetFolders(): void {
    this.#known.clear();
  }

  /** Makes the names in a folder durable. */
  async sync(folder: string): Promise<void> {
    const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      // Some network file systems cannot sync a folder, and say so; their server does it when it renames.
      await handle.sync().catch((error: unknown) => ignore(error, 'EINVAL', 'ENOTSUP'));
    } finally {
      await handle.close();
    }
  }

  /** Writes a new file below a folder and syncs it; whatever fails, no file is left. */
  async write(folder: string, name: string, fill: (handle: FileHandle) => Promise<void>): Promise<Identity> {
    await this.folder(folder);
    const path = join(folder, name);
    const handle = await open(path, 'wx', FILE_MODE);
    try {
      await fill(handle);
      await handle.sync();
      return identityOf(await handle.stat({ bigint: true }));
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, FOLDER_MODE);
  } catch (error) {
    ignore(error, 'EEXIST');
    if (!(await stat(path)).isDirectory()) throw Object.assign(new Error('a file stands here'), { code: 'ENOTDIR' });
  }
}

/** What an open or a listed file is. */
export function identityOf(stat: { readonly ino: bigint; readonly mtimeNs: bigint; readonly size: bigint }): Identity {
  return { ino: String(stat.ino), mtimeNs: String(stat.mtimeNs), size: Number(stat.size) };
}

/** When a file was written last, to the millisecond. */
export function timeOf(stat: { readonly mtimeNs: bigint }): Date {
  return new Date(Number(stat.mtimeNs / 1_000_000n));
}

/** Whether it is certainly the same file with the same content, unless it was changed by force. */
export function sameIdentity(one: Identity, other: Identity): boolean {
  return one.ino === other.ino && one.mtimeNs === other.mtimeNs && one.size === other.size;
}

/** A name that nobody else uses. */
export function uniqueName(): string {
  return randomBytes(8).toString('hex');
}

/** Passes over system errors with these codes. */
export function ignore(error: unknown, ...codes: string[]): void {
  if (!codes.includes(systemCode(error))) throw error;
}
