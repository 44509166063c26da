import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder, writeNew } from './disk.ts';
import { errorCode } from './guards.ts';

/** A file of a folder that appears at once or not at all. */
export interface FolderFile {
  readonly name: string;
  readonly bytes: Buffer | string;
  readonly secret?: boolean;
}

function isTaken(error: unknown): boolean {
  return ['ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '');
}

/**
 * Makes `folder` with these files unless it is there: written beside it, synced, renamed into place. Of two processes
 * that make it at the same time one wins whole, the other finds the winner's files.
 */
export async function makeFolderOnce(folder: string, make: () => Promise<readonly FolderFile[]>): Promise<void> {
  if (existsSync(folder)) return;
  const draft = `${folder}.${randomBytes(6).toString('hex')}.draft`;
  await mkdir(draft, { recursive: true, mode: 0o700 });
  try {
    for (const { name, bytes, secret } of await make()) {
      await writeNew(join(draft, name), bytes, secret === true ? 0o600 : 0o644);
    }
    await syncFolder(draft);
    await rename(draft, folder);
    await syncFolder(dirname(folder));
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!isTaken(error)) throw error;
  }
}
