import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { SourceFailed } from '../body.ts';
import { sha256Of, verified } from '../checksum.ts';
import { keyOfCursor, LARGEST_PAGE, checkLimit, pageOf } from '../cursor.ts';
import { ObjectDamaged, ObjectMissing, StorageAway } from '../errors.ts';
import { checkKey, checkPrefix } from '../key.ts';
import { checkPutOptions } from '../metadata.ts';
import type {
  CallOptions,
  Listed,
  ObjectStore,
  Opened,
  Page,
  PutOptions,
  Stored,
  StoredObject,
} from '../object-store.ts';
import { PROBE_MS, within } from '../within.ts';
import { systemCode } from '../system-code.ts';
import { diskFault } from './disk-faults.ts';
import { Durable, uniqueName } from './durable.ts';
import { Reader, storedObject, verdictOfBytes, verdictOfFile, type OpenedFile, type Verdict } from './reader.ts';
import { Records } from './records.ts';
import { Sweep } from './sweep.ts';
import { walk } from './walk.ts';
import { Writer } from './writer.ts';

/**
 * Objects as plain files of a directory, each under its key, so that a person can open and copy them; what belongs to
 * the store is below `.nexora` in it. Any number of processes may share the directory. It must be one file system with
 * hard links (ext4, XFS, Btrfs); made when missing.
 */
export class FileStore implements ObjectStore {
  readonly place: string;
  readonly #root: string;
  readonly #durable: Durable;
  readonly #reader: Reader;
  readonly #writer: Writer;
  readonly #sweep: Sweep;

  /** @param root absolute path. */
  constructor(root: string) {
    this.#root = root;
    this.place = pathToFileURL(root).href;
    this.#durable = new Durable(root);
    const records = new Records(root, this.#durable);
    this.#reader = new Reader(root, this.#durable, records);
    this.#writer = new Writer(root, { durable: this.#durable, records, reader: this.#reader });
    this.#sweep = new Sweep(this.#writer.drafts);
  }

  async put(key: string, body: Buffer | Readable, options: PutOptions): Promise<Stored> {
    checkKey(key);
    checkPutOptions(options);
    return this.#call(options, async () => {
      await this.#sweep.run();
      return this.#writer.put(key, body, options);
    });
  }

  async get(key: string, options: CallOptions = {}): Promise<Opened<Buffer>> {
    checkKey(key);
    return this.#call(options, async () => {
      const judged = await this.#reader.judged(key, readWhole);
      if (judged === null) throw new ObjectMissing(key);
      const { body, file, verdict } = judged;
      return { ...storedObject(file, verdict), sha256: sha256Of(body), body };
    });
  }

  async stream(key: string, options: CallOptions = {}): Promise<Opened<Readable>> {
    checkKey(key);
    return this.#call(options, async () => {
      const judged = await this.#reader.judged(key, look, true);
      if (judged === null) throw new ObjectMissing(key);
      const object = storedObject(judged.file, judged.verdict);
      const body = verified(judged.file.handle.createReadStream({ start: 0 }), object, {
        damaged: () => new ObjectDamaged(key),
        broken: (cause) => this.#fault(cause),
      });
      if (options.signal !== undefined) addAbortSignal(options.signal, body);
      return { ...object, body };
    });
  }

  async head(key: string, options: CallOptions = {}): Promise<StoredObject | null> {
    checkKey(key);
    return this.#call(options, async () => {
      const judged = await this.#reader.judged(key, look);
      return judged === null ? null : storedObject(judged.file, judged.verdict);
    });
  }

  async list(prefix: string, cursor: string | null = null, limit = LARGEST_PAGE): Promise<Page> {
    checkPrefix(prefix);
    checkLimit(limit);
    const after = keyOfCursor(cursor);
    return this.#call({}, async () => {
      const objects: Listed[] = [];
      for await (const object of walk(this.#root, { prefix, after })) {
        if (objects.length === limit) return pageOf(objects, true);
        objects.push(object);
      }
      if (objects.length === 0) await this.#durable.confirm();
      return pageOf(objects, false);
    });
  }

  async delete(key: string, options: CallOptions = {}): Promise<void> {
    checkKey(key);
    await this.#call(options, () => this.#writer.delete(key));
  }

  async probe(options: CallOptions = {}): Promise<void> {
    const late = () => new StorageAway(`The disk that holds ${this.#root} does not answer.`, { beforeFirstByte: true });
    await this.#call(options, () => within(PROBE_MS, this.#tryToWrite(), late));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Not synced: whether the directory takes a file at all is asked every few seconds. */
  async #tryToWrite(): Promise<void> {
    await this.#durable.folder(this.#writer.drafts);
    const path = join(this.#writer.drafts, uniqueName());
    const handle = await open(path, 'wx');
    try {
      await handle.writeFile('probe');
    } finally {
      await handle.close();
      await rm(path, { force: true });
    }
  }

  async #call<T>({ signal }: CallOptions, work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (error instanceof SourceFailed) throw error.cause;
      throw this.#fault(error);
    }
  }

  #fault(error: unknown): Error {
    if (systemCode(error) === 'ENOENT') this.#durable.forgetFolders();
    return diskFault(error, this.#root);
  }
}

async function readWhole(file: OpenedFile): Promise<{ readonly body: Buffer; readonly verdict: Verdict }> {
  const body = await file.handle.readFile();
  return { body, verdict: verdictOfBytes(file, sha256Of(body)) };
}

async function look(file: OpenedFile): Promise<{ readonly verdict: Verdict }> {
  return { verdict: await verdictOfFile(file) };
}
