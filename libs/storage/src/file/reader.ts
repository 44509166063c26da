import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { ObjectDamaged } from '../errors.ts';
import type { StoredObject } from '../object-store.ts';
import { systemCode } from '../system-code.ts';
import { identityOf, sameIdentity, timeOf, type Durable, type Identity } from './durable.ts';
import { recordOfBytes, recordOfFile, type FoundRecord, type Records } from './records.ts';

const PIECE = 256 * 1024;
/** Each try that fails means that somebody replaced the object meanwhile. */
const MOST_TRIES = 20;

/** The file that has a key now, with the records of that key as they were found after it was opened. */
export interface OpenedFile {
  readonly key: string;
  readonly handle: FileHandle;
  readonly identity: Identity;
  readonly modifiedAt: Date;
  readonly records: readonly FoundRecord[];
}

/** What the records say about a file. `foreign`: nobody put it here. */
export type Verdict = FoundRecord | 'foreign' | 'damaged';

/** Opens files of a directory and says what they are. */
export class Reader {
  readonly #root: string;
  readonly #durable: Durable;
  readonly #records: Records;

  constructor(root: string, durable: Durable, records: Records) {
    this.#root = root;
    this.#durable = durable;
    this.#records = records;
  }

  /** The file under a key; null when there is none. The caller closes its handle. */
  async open(key: string): Promise<OpenedFile | null> {
    const handle = await this.#handle(key);
    if (handle === null) {
      await this.#durable.confirm();
      return null;
    }
    try {
      const stat = await handle.stat({ bigint: true });
      if (stat.isFile())
        return {
          key,
          handle,
          identity: identityOf(stat),
          modifiedAt: timeOf(stat),
          records: await this.#recordsOf(key),
        };
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
    return null;
  }

  /**
   * Opens the file and lets `look` judge it, again when the file was replaced between the look at it and at its
   * records. The handle is closed afterwards, unless it is to be kept for the caller.
   * @throws ObjectDamaged
   */
  async judged<T extends { readonly verdict: Verdict }>(
    key: string,
    look: (file: OpenedFile) => Promise<T>,
    keep = false,
  ): Promise<(T & { readonly file: OpenedFile }) | null> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const file = await this.open(key);
      if (file === null) return null;
      let kept = false;
      try {
        const outcome = await look(file);
        if (isCertain(outcome.verdict) || (await this.#isStill(file))) {
          if (outcome.verdict === 'damaged') throw new ObjectDamaged(key);
          kept = keep;
          return { ...outcome, file };
        }
      } finally {
        if (!kept) await file.handle.close();
      }
    }
    throw new ObjectDamaged(key);
  }

  async #recordsOf(key: string): Promise<FoundRecord[]> {
    const records = await this.#records.of(key);
    if (records.length > 0) this.#durable.seen();
    return records;
  }

  async #handle(key: string): Promise<FileHandle | null> {
    try {
      return await open(join(this.#root, key), constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch (error) {
      if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemCode(error))) return null;
      throw error;
    }
  }

  async #isStill({ key, identity }: OpenedFile): Promise<boolean> {
    try {
      return sameIdentity(identityOf(await lstat(join(this.#root, key), { bigint: true })), identity);
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(systemCode(error))) return false;
      throw error;
    }
  }
}

function isCertain(verdict: Verdict): boolean {
  return verdict !== 'foreign' && verdict !== 'damaged';
}

/** What a file is, by its identity when that is certain, else by its bytes (a directory that was copied). */
export async function verdictOfFile(file: OpenedFile): Promise<Verdict> {
  const known = recordOfFile(file.records, file.identity);
  return known ?? (file.records.length === 0 ? 'foreign' : verdictOfBytes(file, await hashOf(file)));
}

/** What a file with these bytes is. */
export function verdictOfBytes(file: OpenedFile, sha256: string): Verdict {
  return recordOfBytes(file.records, sha256, file.identity) ?? (file.records.length === 0 ? 'foreign' : 'damaged');
}

/** SHA-256 of an open file, read piece by piece. */
export async function hashOf({ handle, identity }: OpenedFile): Promise<string> {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(Math.min(PIECE, identity.size + 1));
  for (let position = 0; ;) {
    const { bytesRead } = await handle.read(piece, 0, piece.length, position);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(piece.subarray(0, bytesRead));
    position += bytesRead;
  }
}

/** A file as the callers of the store see it. */
export function storedObject({ key, identity, modifiedAt }: OpenedFile, verdict: Verdict): StoredObject {
  const found = typeof verdict === 'string' ? null : verdict;
  return {
    key,
    size: identity.size,
    sha256: found?.sha256 ?? null,
    etag: found?.etag ?? `${identity.ino}-${identity.mtimeNs}`,
    contentType: found?.record?.contentType ?? 'application/octet-stream',
    metadata: found?.record?.metadata ?? {},
    modifiedAt,
  };
}
