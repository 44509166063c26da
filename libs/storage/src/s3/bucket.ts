import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { CallOptions, StoredObject } from '../object-store.ts';
import { elementOf, hiddenRefusal, isMissing, isNoBucket, S3Answer } from './answer.ts';
import type { Limits } from './flight.ts';
import type { Ask, Line } from './line.ts';
import { readListing, type RawPage } from './listing.ts';
import { notS3 } from './s3-faults.ts';
import { etagOf, objectOf } from './s3-object.ts';

/** A part of an upload that the server has. */
export interface Part {
  readonly number: number;
  readonly etag: string;
}

/** Which part of a listing. */
export interface ListQuery {
  readonly prefix: string;
  readonly after: string;
  readonly limit: number;
}

const SMALL = { idleMs: 15_000, wholeMs: 30_000 };
/** Uplinks of a shop are slow: any progress counts. */
const UPLOAD = { idleMs: 30_000 };
/** The server may have to write the whole object once more. */
const COMPLETION = { idleMs: 5 * 60_000 };
const DOWNLOAD = { idleMs: 15_000 };

/** The requests of S3 that the store needs, one method each. All throw `S3Answer` for what the server refuses. */
export class Bucket {
  readonly #line: Line;
  /** Whether the server has accepted our keys once. */
  #accepted = false;

  constructor(line: Line) {
    this.#line = line;
  }

  /** Null when there is none. */
  async head(key: string, call: CallOptions): Promise<StoredObject | null> {
    try {
      const { headers } = await this.#small({ method: 'HEAD', key }, call);
      return this.#must(objectOf(key, headers));
    } catch (error) {
      if (!(error instanceof S3Answer) || error.status !== 404) throw error;
      // An answer to HEAD tells no reason, and some servers answer so to keys that they do not know.
      if (!this.#accepted) await this.list({ prefix: key, after: '', limit: 1 }, call).catch(unlessNoBucket);
      return null;
    }
  }

  /** The answer's body is still to be read. */
  get(
    key: string,
    { signal }: CallOptions,
  ): Promise<{ readonly object: StoredObject; readonly body: IncomingMessage }> {
    return this.#line.send({ method: 'GET', key }, { ...DOWNLOAD, signal }, (body) => {
      const object = objectOf(key, body.headers);
      if (object !== null) return { object, body };
      body.destroy();
      throw notS3(this.#line.place, null);
    });
  }

  /** Answers the etag. */
  async put(
    key: string,
    body: Buffer,
    headers: Readonly<Record<string, string>>,
    { signal }: CallOptions,
  ): Promise<string> {
    const ask: Ask = { method: 'PUT', key, body, headers: { ...headers, 'content-md5': md5Of(body) } };
    const answer = await this.#read(ask, { ...UPLOAD, signal });
    return this.#must(etagOf(answer.headers));
  }

  async delete(key: string, call: CallOptions): Promise<void> {
    try {
      await this.#small({ method: 'DELETE', key }, call);
    } catch (error) {
      if (!isMissing(error) && !isNoBucket(error)) throw error;
    }
  }

  /** @param wholeMs longest wait for the answer. */
  async list({ prefix, after, limit }: ListQuery, { signal }: CallOptions, wholeMs = SMALL.wholeMs): Promise<RawPage> {
    const start = after === '' ? '' : `&start-after=${escaped(after)}`;
    const query = `encoding-type=url&list-type=2&max-keys=${limit}&prefix=${escaped(prefix)}${start}`;
    const { text } = await this.#read({ method: 'GET', query }, { ...SMALL, wholeMs, signal });
    try {
      return readListing(text);
    } catch (error) {
      throw notS3(this.#line.place, error);
    }
  }

  /** Makes the bucket; it is well when it is there and ours. */
  async make(call: CallOptions): Promise<void> {
    const { region } = this.#line;
    const body = Buffer.from(
      region === 'us-east-1'
        ? ''
        : `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`,
    );
    try {
      await this.#small({ method: 'PUT', body }, call);
    } catch (error) {
      if (!(error instanceof S3Answer) || error.code !== 'BucketAlreadyOwnedByYou') throw error;
    }
  }

  /** Begins an upload in parts; answers its id. */
  async begin(key: string, headers: Readonly<Record<string, string>>, call: CallOptions): Promise<string> {
    const { text } = await this.#small({ method: 'POST', key, query: 'uploads', headers }, call);
    return this.#must(elementOf(text, 'UploadId'));
  }

  async part(key: string, upload: string, number: number, body: Buffer, { signal }: CallOptions): Promise<Part> {
    const query = `partNumber=${number}&uploadId=${escaped(upload)}`;
    const headers = { 'content-md5': md5Of(body) };
    const answer = await this.#read({ method: 'PUT', key, query, headers, body }, { ...UPLOAD, signal });
    return { number, etag: this.#must(etagOf(answer.headers)) };
  }

  /** Makes the parts an object; answers its etag. */
  async complete(
    key: string,
    upload: string,
    parts: readonly Part[],
    call: CallOptions & { readonly headers: Readonly<Record<string, string>> },
  ): Promise<string> {
    const list = parts.map(
      ({ number, etag }) => `<Part><PartNumber>${number}</PartNumber><ETag>"${etag}"</ETag></Part>`,
    );
    const body = Buffer.from(
      `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${list.join('')}</CompleteMultipartUpload>`,
    );
    const { headers, signal } = call;
    const ask: Ask = { method: 'POST', key, query: `uploadId=${escaped(upload)}`, headers, body };
    const { text } = await this.#read(ask, { ...COMPLETION, signal });
    const refusal = hiddenRefusal(500, text);
    if (refusal !== null) throw refusal;
    return this.#must(/<ETag>(?:&quot;|&#34;|")?([^<&"]+)/.exec(text)?.[1] ?? null);
  }

  /** Gives up an upload and the space of its parts. */
  async abort(key: string, upload: string): Promise<void> {
    await this.#small({ method: 'DELETE', key, query: `uploadId=${escaped(upload)}` }, {});
  }

  /** An error of a request as an error of the store. */
  fault(error: unknown): Error {
    return this.#line.fault(error);
  }

  #small(ask: Ask, { signal }: CallOptions) {
    return this.#read(ask, { ...SMALL, signal });
  }

  #read(ask: Ask, limits: Limits) {
    return this.#line.send(ask, limits, async (answer) => {
      const text = Buffer.concat((await answer.toArray()) as Buffer[]).toString();
      this.#accepted = true;
      return { headers: answer.headers, text };
    });
  }

  #must<T>(value: T | null): T {
    if (value === null) throw notS3(this.#line.place, null);
    return value;
  }
}

function unlessNoBucket(error: unknown): void {
  if (!isNoBucket(error)) throw error;
}

function md5Of(body: Buffer): string {
  return createHash('md5').update(body).digest('base64');
}

function escaped(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
