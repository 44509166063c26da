import { addAbortSignal, type Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { SourceFailed } from '../body.ts';
import { sha256Of, verified } from '../checksum.ts';
import { checkLimit, keyOfCursor, LARGEST_PAGE, pageOf } from '../cursor.ts';
import { ObjectDamaged, ObjectMissing } from '../errors.ts';
import { checkKey, checkPrefix, isKey } from '../key.ts';
import { checkPutOptions } from '../metadata.ts';
import type { CallOptions, ObjectStore, Opened, Page, PutOptions, Stored, StoredObject } from '../object-store.ts';
import type { StorageSettings } from '../storage.settings.ts';
import { PROBE_MS } from '../within.ts';
import { isMissing, isNoBucket, S3Answer } from './answer.ts';
import { Bucket } from './bucket.ts';
import { Line } from './line.ts';
import { S3Writer } from './s3-writer.ts';

/** Some servers show, for an instant, the body of one put with the checksum of another: look again before judging. */
const MOST_LOOKS = 4;
const PAUSE_MS = 40;

/**
 * Objects in a bucket of an S3 server. `ifAbsent` is as strong as the server's `If-None-Match`: AWS and current
 * servers honour it; with one that ignores it, two writers of different bytes within milliseconds both succeed.
 */
export class MinioStore implements ObjectStore {
  readonly place: string;
  readonly #line: Line;
  readonly #bucket: Bucket;
  readonly #writer: S3Writer;
  readonly #mayMakeBucket: boolean;

  /** @param settings with a complete S3 server. */
  constructor(settings: StorageSettings) {
    this.#line = new Line(settings);
    this.#bucket = new Bucket(this.#line);
    this.#writer = new S3Writer(this.#bucket, settings.S3_MAKE_BUCKET);
    this.#mayMakeBucket = settings.S3_MAKE_BUCKET;
    this.place = this.#line.place;
  }

  async put(key: string, body: Buffer | Readable, options: PutOptions): Promise<Stored> {
    checkKey(key);
    checkPutOptions(options);
    return this.#call(options, () => this.#writer.put(key, body, options));
  }

  async get(key: string, options: CallOptions = {}): Promise<Opened<Buffer>> {
    return this.#call(options, async () => {
      for (let looks = 1; ; looks += 1) {
        try {
          const { body, ...object } = await this.stream(key, options);
          const bytes = Buffer.concat((await body.toArray()) as Buffer[]);
          return { ...object, sha256: sha256Of(bytes), body: bytes };
        } catch (error) {
          if (!(error instanceof ObjectDamaged) || looks === MOST_LOOKS) throw error;
          await delay(PAUSE_MS, undefined, { signal: options.signal });
        }
      }
    });
  }

  async stream(key: string, options: CallOptions = {}): Promise<Opened<Readable>> {
    checkKey(key);
    return this.#call(options, async () => {
      const { object, body: answer } = await this.#found(key, options);
      const body = verified(answer, object, {
        damaged: () => new ObjectDamaged(key),
        broken: (cause) => this.#fault(cause),
      });
      if (options.signal !== undefined) addAbortSignal(options.signal, body);
      return { ...object, body };
    });
  }

  async head(key: string, options: CallOptions = {}): Promise<StoredObject | null> {
    checkKey(key);
    return this.#call(options, () => this.#bucket.head(key, options));
  }

  async list(prefix: string, cursor: string | null = null, limit = LARGEST_PAGE): Promise<Page> {
    checkPrefix(prefix);
    checkLimit(limit);
    const after = keyOfCursor(cursor);
    return this.#call({}, async () => {
      const { objects, truncated } = await this.#unlessNoBucket(() => this.#bucket.list({ prefix, after, limit }, {}), {
        objects: [],
        truncated: false,
      });
      const { cursor: next } = pageOf(objects, truncated);
      return { objects: objects.filter((object) => isKey(object.key)), cursor: next };
    });
  }

  async delete(key: string, options: CallOptions = {}): Promise<void> {
    checkKey(key);
    await this.#call(options, () => this.#bucket.delete(key, options));
  }

  async probe(options: CallOptions = {}): Promise<void> {
    await this.#call(options, () =>
      this.#unlessNoBucket(async () => {
        await this.#bucket.list({ prefix: '', after: '', limit: 1 }, options, PROBE_MS);
      }, undefined),
    );
  }

  close(): Promise<void> {
    this.#line.close();
    return Promise.resolve();
  }

  async #found(key: string, options: CallOptions) {
    try {
      return await this.#bucket.get(key, options);
    } catch (error) {
      if (isMissing(error) || (isNoBucket(error) && this.#mayMakeBucket)) throw new ObjectMissing(key);
      throw error;
    }
  }

  /** A bucket that is not made yet holds nothing. */
  async #unlessNoBucket<T>(work: () => Promise<T>, nothing: T): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isNoBucket(error) && this.#mayMakeBucket) return nothing;
      throw error;
    }
  }

  async #call<T>({ signal }: CallOptions, work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof SourceFailed) throw error.cause;
      throw error instanceof S3Answer ? this.#fault(error) : error;
    }
  }

  #fault(error: unknown): Error {
    return this.#bucket.fault(error);
  }
}
