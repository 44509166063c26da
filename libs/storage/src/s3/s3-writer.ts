import type { Readable } from 'node:stream';
import { Meter, sha256Of } from '../checksum.ts';
import { ObjectDiffers, StorageAway, WrongChecksum } from '../errors.ts';
import { sameMetadata } from '../metadata.ts';
import type { CallOptions, PutOptions, Stored, StoredObject } from '../object-store.ts';
import { isMissing, isNoBucket, S3Answer } from './answer.ts';
import type { Bucket } from './bucket.ts';
import { uploadInParts, type LargeBody } from './multipart.ts';
import { PART_BYTES, partsOf, type BodyPart } from './parts.ts';
import { headersOf } from './s3-object.ts';
import { Spool } from './spool.ts';

/** Each try that fails means that another writer came between the question and the upload. */
const MOST_TRIES = 5;

/** Sends the body; `condition` is the header under which the server may store it. */
type Send = (condition: Record<string, string>) => Promise<{ readonly size: number; readonly etag: string }>;

/** Puts bodies into a bucket, which the first of them makes when that is allowed. */
export class S3Writer {
  readonly #bucket: Bucket;
  readonly #mayMakeBucket: boolean;

  constructor(bucket: Bucket, mayMakeBucket: boolean) {
    this.#bucket = bucket;
    this.#mayMakeBucket = mayMakeBucket;
  }

  async put(key: string, body: Buffer | Readable, options: PutOptions): Promise<Stored> {
    const parts = partsOf(body, options.signal);
    try {
      const first = await nextOf(parts);
      return first.last
        ? await this.#putSmall(key, first.bytes, options)
        : await this.#putLarge(key, chained(first, parts), options);
    } finally {
      await parts.return(undefined); // destroys a stream that was not read to its end
    }
  }

  #putSmall(key: string, bytes: Buffer, options: PutOptions): Promise<Stored> {
    const sha256 = sha256Of(bytes);
    if (options.sha256 !== undefined && options.sha256 !== sha256) throw new WrongChecksum(key);
    return this.#put(key, sha256, options, async (condition) => {
      const headers = { ...headersOf(sha256, options), ...condition };
      return { size: bytes.length, etag: await this.#bucket.put(key, bytes, headers, options) };
    });
  }

  async #putLarge(key: string, parts: AsyncIterable<BodyPart>, options: PutOptions): Promise<Stored> {
    if (options.sha256 !== undefined)
      return this.#putParts(key, { sha256: options.sha256, parts: once(parts) }, options);
    const spool = await Spool.of(parts);
    try {
      return await this.#putParts(key, { sha256: spool.sha256, parts: () => spool.parts() }, options);
    } finally {
      await spool.close();
    }
  }

  #putParts(key: string, body: LargeBody, options: PutOptions): Promise<Stored> {
    return this.#put(key, body.sha256, options, (condition) => {
      const headers = { begin: headersOf(body.sha256, options), complete: condition };
      return uploadInParts(this.#bucket, key, body, { signal: options.signal, headers });
    });
  }

  /** Sends unless the object is there already, and asks again when somebody was faster. */
  async #put(key: string, sha256: string, options: PutOptions, send: Send): Promise<Stored> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const present = await this.#bucket.head(key, options);
      const settled = present === null ? null : await this.#settled(present, sha256, options);
      if (settled !== null) return settled;
      const strict = options.ifAbsent === true && present === null;
      try {
        return {
          key,
          sha256,
          ...(await this.#withBucket(() => send(strict ? { 'if-none-match': '*' } : {}), options)),
        };
      } catch (error) {
        if (!isFaster(error)) throw error;
      }
    }
    throw new StorageAway('Too many others write under the same key.', { beforeFirstByte: false });
  }

  /** What to answer when the key is taken: the present object when it is the same; null when it must be replaced. */
  async #settled(present: StoredObject, sha256: string, options: PutOptions): Promise<Stored | null> {
    const { key, size, etag, contentType, metadata } = present;
    const actual = await this.#checksumOf(present, options);
    if ((present.sha256 ?? actual) !== sha256 && options.ifAbsent === true) throw new ObjectDiffers(key);
    if (actual !== sha256) return null;
    const same = contentType === options.contentType && sameMetadata(metadata, options.metadata ?? {});
    return same || options.ifAbsent === true ? { key, size, sha256, etag } : null;
  }

  /** Small bodies are read again, so that a put mends a damaged one; of large ones the record is believed. */
  async #checksumOf({ key, size, sha256 }: StoredObject, { signal }: CallOptions): Promise<string | null> {
    if (sha256 !== null && size > PART_BYTES) return sha256;
    try {
      const { body } = await this.#bucket.get(key, { signal });
      const meter = new Meter();
      for await (const piece of body) meter.add(piece as Buffer);
      return meter.read().sha256;
    } catch (error) {
      if (isMissing(error)) return null; // deleted meanwhile
      throw error instanceof S3Answer ? error : this.#bucket.fault(error);
    }
  }

  async #withBucket<T>(work: () => Promise<T>, { signal }: CallOptions): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isNoBucket(error) || !this.#mayMakeBucket) throw error;
      await this.#bucket.make({ signal });
      return work();
    }
  }
}

async function nextOf(parts: AsyncGenerator<BodyPart, void>): Promise<BodyPart> {
  const { value } = await parts.next();
  return value ?? { bytes: Buffer.alloc(0), last: true };
}

async function* chained(first: BodyPart, rest: AsyncIterable<BodyPart>): AsyncGenerator<BodyPart> {
  yield first;
  yield* rest;
}

/** A stream cannot be read twice; that it would have to happens only when an object comes and goes meanwhile. */
function once(parts: AsyncIterable<BodyPart>): () => AsyncIterable<BodyPart> {
  let taken = false;
  return () => {
    if (taken) throw new StorageAway('Others write under the same key; put it again.', { beforeFirstByte: false });
    taken = true;
    return parts;
  };
}

/** Another writer has stored under the key, or is at it, since it was found empty. */
function isFaster(error: unknown): boolean {
  return (
    error instanceof S3Answer &&
    (error.status === 412 || error.code === 'PreconditionFailed' || error.code === 'ConditionalRequestConflict')
  );
}
