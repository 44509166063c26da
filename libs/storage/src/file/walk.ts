import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isKey, RESERVED_FOLDER } from '../key.ts';
import type { Listed } from '../object-store.ts';
import { ignore, timeOf } from './durable.ts';

interface Entry {
  readonly name: string;
  readonly isFolder: boolean;
}

/** Which part of a directory to walk: keys that begin with `prefix` and come after `after`. */
export interface Range {
  readonly prefix: string;
  readonly after: string;
}

/** Objects below a directory in the order of their keys' bytes; folders that the range does not touch are not opened. */
export async function* walk(root: string, range: Range): AsyncGenerator<Listed> {
  yield* walkFolder(root, '', range);
}

async function* walkFolder(root: string, above: string, range: Range): AsyncGenerator<Listed> {
  for (const { name, isFolder } of await entriesOf(join(root, above))) {
    const key = above + name;
    if (isFolder) {
      if (key !== RESERVED_FOLDER && touches(`${key}/`, range)) yield* walkFolder(root, `${key}/`, range);
    } else if (key.startsWith(range.prefix) && isAfter(key, range.after) && isKey(key)) {
      const listed = await listedOf(root, key);
      if (listed !== null) yield listed;
    }
  }
}

/** Sorted as S3 sorts whole keys: a folder counts with its slash. */
async function entriesOf(folder: string): Promise<Entry[]> {
  const found = await readdir(folder, { withFileTypes: true }).catch(
    (error: unknown) => (ignore(error, 'ENOENT', 'ENOTDIR'), []),
  );
  return found
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => ({
      name: entry.name,
      isFolder: entry.isDirectory(),
      bytes: bytesOf(entry.name, entry.isDirectory()),
    }))
    .sort((one, other) => Buffer.compare(one.bytes, other.bytes));
}

function bytesOf(name: string, isFolder: boolean): Buffer {
  return Buffer.from(isFolder ? `${name}/` : name);
}

function touches(folder: string, { prefix, after }: Range): boolean {
  const mayHold = folder.startsWith(prefix) || prefix.startsWith(folder);
  return mayHold && (after.startsWith(folder) || isAfter(folder, after));
}

function isAfter(key: string, after: string): boolean {
  return Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0;
}

async function listedOf(root: string, key: string): Promise<Listed | null> {
  try {
    const stat = await lstat(join(root, key), { bigint: true });
    return { key, size: Number(stat.size), modifiedAt: timeOf(stat) };
  } catch (error) {
    ignore(error, 'ENOENT'); // deleted while we walked
    return null;
  }
}
