import { link, lstat, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { piecesOf } from '../body.ts';
import { Meter, sha256Of } from '../checksum.ts';
import { InvalidKey, ObjectDiffers, StorageAway, WrongChecksum } from '../errors.ts';
import { RESERVED_FOLDER } from '../key.ts';
import { sameMetadata } from '../metadata.ts';
import type { PutOptions, Stored } from '../object-store.ts';
import { systemCode } from '../system-code.ts';
import { ignore, uniqueName, type Durable, type Identity } from './durable.ts';
import { hashOf, storedObject, verdictOfBytes, type OpenedFile, type Reader, type Verdict } from './reader.ts';
import { recordOfFile, type FoundRecord, type Records } from './records.ts';

/** A body on the disk, synced, that has no key yet. */
interface Draft {
  readonly path: string;
  readonly sha256: string;
  readonly identity: Identity;
}

/** What has the key before a write. */
interface Present {
  readonly file: OpenedFile;
  readonly sha256: string;
  readonly verdict: Verdict;
}

/** Each try that fails means that another writer was faster. */
const MOST_TRIES = 20;

/**
 * Writes and removes bodies. The order of the steps makes an object whole at every instant: the body is synced under
 * a temporary name, its record is synced, one rename (or link, when nothing may be replaced) gives it the key, and the
 * folder is synced.
 */
export class Writer {
  readonly #root: string;
  readonly #durable: Durable;
  readonly #records: Records;
  readonly #reader: Reader;

  constructor(root: string, parts: { durable: Durable; records: Records; reader: Reader }) {
    this.#root = root;
    this.#durable = parts.durable;
    this.#records = parts.records;
    this.#reader = parts.reader;
  }

  /** Where bodies stand before they have a key. */
  get drafts(): string {
    return join(this.#root, RESERVED_FOLDER, 'tmp');
  }

  async put(key: string, body: Buffer | Readable, options: PutOptions): Promise<Stored> {
    const settled = Buffer.isBuffer(body) ? await this.#settledAlready(key, body, options) : null;
    if (settled !== null) return settled;
    const draft = await this.#draft(key, body, options);
    try {
      return await this.#publish(key, draft, options);
    } finally {
      await rm(draft.path, { force: true });
    }
  }

  async delete(key: string): Promise<void> {
    const file = await this.#reader.open(key);
    if (file === null) return;
    await file.handle.close();
    const path = join(this.#root, key);
    await unlink(path).catch((error: unknown) => ignore(error, 'ENOENT'));
    await this.#durable.sync(dirname(path));
    await this.#removeOwnRecord(file);
  }

  /** Spares the disk a body that is there already, or may not be there. */
  async #settledAlready(key: string, body: Buffer, options: PutOptions): Promise<Stored | null> {
    const sha256 = sha256Of(body);
    if (options.sha256 !== undefined && options.sha256 !== sha256) throw new WrongChecksum(key);
    const present = await this.#present(key);
    return present === null ? null : settle(present, sha256, options);
  }

  async #draft(key: string, body: Buffer | Readable, options: PutOptions): Promise<Draft> {
    const meter = new Meter();
    const name = uniqueName();
    let sha256 = '';
    const identity = await this.#durable.write(this.drafts, name, async (handle) => {
      for await (const piece of piecesOf(body, options.signal)) {
        meter.add(piece);
        await handle.writeFile(piece);
      }
      sha256 = meter.read().sha256;
      if (options.sha256 !== undefined && options.sha256 !== sha256) throw new WrongChecksum(key);
    });
    return { path: join(this.drafts, name), sha256, identity };
  }

  async #publish(key: string, draft: Draft, options: PutOptions): Promise<Stored> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const present = await this.#present(key);
      const settled = present === null ? null : settle(present, draft.sha256, options);
      if (settled !== null) return settled;
      options.signal?.throwIfAborted();
      await this.#folderFor(key);
      const record = await this.#records.add(recordOf(key, draft, options));
      const replace = present !== null || options.ifAbsent !== true;
      if (await this.#name(key, draft, replace)) {
        if (present !== null) await this.#removeOwnRecord(present.file);
        return { key, size: draft.identity.size, sha256: draft.sha256, etag: record.etag };
      }
      await this.#records.remove(record);
    }
    throw new StorageAway('Too many others write under the same key.', { beforeFirstByte: true });
  }

  /** The step that counts: gives a body its key. False when nothing may be replaced and somebody was faster. */
  async #name(key: string, draft: Draft, replace: boolean): Promise<boolean> {
    const path = join(this.#root, key);
    try {
      await (replace ? rename(draft.path, path) : link(draft.path, path));
    } catch (error) {
      const code = systemCode(error);
      if (code === 'EEXIST' && !replace) return false;
      throw code === 'EISDIR' ? folderInTheWay(error) : error;
    }
    await this.#durable.sync(dirname(path));
    return true;
  }

  async #folderFor(key: string): Promise<void> {
    try {
      await this.#durable.folder(dirname(join(this.#root, key)));
    } catch (error) {
      throw systemCode(error) === 'ENOTDIR' ? folderInTheWay(error) : error;
    }
  }

  async #present(key: string): Promise<Present | null> {
    const file = await this.#reader.open(key);
    if (file === null) {
      await this.#refuseFolder(join(this.#root, key));
      return null;
    }
    try {
      const sha256 = await hashOf(file);
      return { file, sha256, verdict: verdictOfBytes(file, sha256) };
    } finally {
      await file.handle.close();
    }
  }

  async #refuseFolder(path: string): Promise<void> {
    const stat = await lstat(path).catch((error: unknown) => (ignore(error, 'ENOENT', 'ENOTDIR'), null));
    if (stat?.isDirectory() === true) throw folderInTheWay(null);
  }

  /** The record of a file that was replaced or deleted. Not sure which one it is: it stays, and harms nobody. */
  async #removeOwnRecord(file: OpenedFile): Promise<void> {
    const own = recordOfFile(file.records, file.identity);
    if (own !== null) await this.#records.remove(own);
  }
}

/**
 * What to answer when the key is taken: the present object when it is the same; null when it must be replaced.
 * Damaged bytes are replaced by the right ones even under a key that must not change.
 */
function settle({ file, sha256, verdict }: Present, wanted: string, options: PutOptions): Stored | null {
  if (sha256 === wanted) {
    const { etag, contentType, metadata } = storedObject(file, verdict);
    const same = contentType === options.contentType && sameMetadata(metadata, options.metadata ?? {});
    return same || options.ifAbsent === true ? { key: file.key, size: file.identity.size, sha256, etag } : null;
  }
  const mends = verdict === 'damaged' && file.records.some((record: FoundRecord) => record.sha256 === wanted);
  if (options.ifAbsent === true && !mends) throw new ObjectDiffers(file.key);
  return null;
}

function recordOf(key: string, { sha256, identity }: Draft, { contentType, metadata }: PutOptions) {
  return { key, sha256, contentType, metadata: metadata ?? {}, ...identity };
}

function folderInTheWay(cause: unknown): InvalidKey {
  return new InvalidKey('A key must not be the folder of another object, nor another object its folder.', { cause });
}
