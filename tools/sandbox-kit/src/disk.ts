import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes a file that is not there yet; it is on the disk when the promise resolves. */
export async function writeNew(path: string, bytes: Buffer | string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Brings names that appeared or changed in a folder to the disk. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Puts the text in place of the file, whole or not at all, whatever is killed: written beside it, synced, renamed, the
 * folder synced. Mode 0600 unless told. One writer at a time. Errors: those of the file system; then the old file stays.
 */
export async function replaceFile(path: string, text: string, mode = 0o600): Promise<void> {
  const draft = `${path}.draft`;
  // One that a kill left behind.
  await rm(draft, { force: true });
  try {
    await writeNew(draft, text, mode);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}
