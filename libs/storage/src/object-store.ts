import type { Readable } from 'node:stream';

/** What `put` answers. */
export interface Stored {
  readonly key: string;
  /** Length of the body in bytes. */
  readonly size: number;
  /** SHA-256 of the body, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** Changes whenever the object changes. Opaque: its form depends on the driver. */
  readonly etag: string;
}

/** What is known of an object that was found. */
export interface StoredObject {
  readonly key: string;
  /** Length of the body in bytes. */
  readonly size: number;
  /** SHA-256 that was stored with the body; null for an object that another program put there without one. */
  readonly sha256: string | null;
  readonly etag: string;
  /** `application/octet-stream` when whoever stored it did not say. */
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly modifiedAt: Date;
}

/** An object with its body. */
export interface Opened<Body> extends StoredObject {
  readonly body: Body;
}

/** One line of a listing: what every driver tells without opening the object. `head` tells the rest. */
export interface Listed {
  readonly key: string;
  /** Length of the body in bytes. */
  readonly size: number;
  readonly modifiedAt: Date;
}

/** A part of a listing, by key in the order of its UTF-8 bytes. */
export interface Page {
  readonly objects: readonly Listed[];
  /** To be given to the next call; null after the last page. */
  readonly cursor: string | null;
}

/** What every call may be given. */
export interface CallOptions {
  /** Gives up with the signal's reason. A `put` that gave up before its last step has stored nothing. */
  readonly signal?: AbortSignal;
}

/** How to store an object. */
export interface PutOptions extends CallOptions {
  /** Media type, for instance `application/xml`. */
  readonly contentType: string;
  /** SHA-256 (hexadecimal) that the body must have. It spares a large stream the way over a temporary file. */
  readonly sha256?: string;
  /** Names of `a-z 0-9 -`, values of any text; 1,500 bytes in all, encoded as for a header. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** The object must never change: the same bytes again are fine, other bytes are `ObjectDiffers`. */
  readonly ifAbsent?: boolean;
}

/**
 * Objects (XML, PDF, backups) under keys such as `cfdi/EKU9003173C9/2026/11/<uuid>.xml`. An object is there whole or
 * not at all, whatever is cut, killed or switched off, and its bytes are checked against their SHA-256 when read.
 *
 * Every method may throw `StorageAway` (try again later), `StorageRefused` (a person must mend something) and
 * `InvalidKey` (no driver could keep it: see `checkKey`). A key must not be the folder of another (`a` and `a/b`).
 */
export interface ObjectStore {
  /** Where it is, for people, without user and password: `file:///var/lib/nexora` or `s3://bucket at http://host:9000`. */
  readonly place: string;

  /**
   * Stores a body, durably when it answers. The same bytes, type and metadata again change nothing. A stream is read
   * once, in bounded memory, and destroyed if it was not needed to its end; its own error is thrown as it is.
   * @throws ObjectDiffers under `ifAbsent`, when other bytes are there.
   * @throws WrongChecksum when the body does not have the announced `sha256`; nothing was stored.
   */
  put(key: string, body: Buffer | Readable, options: PutOptions): Promise<Stored>;

  /**
   * The whole body in memory, for what is known to be small.
   * @throws ObjectMissing
   * @throws ObjectDamaged when the bytes are not those that were stored.
   */
  get(key: string, options?: CallOptions): Promise<Opened<Buffer>>;

  /**
   * The body as a stream, which fails with `ObjectDamaged` or `StorageAway` instead of ending early: what was read
   * counts only once it has ended. Whoever takes it must read or destroy it.
   * @throws ObjectMissing
   */
  stream(key: string, options?: CallOptions): Promise<Opened<Readable>>;

  /** What is known of the object; null when there is none. */
  head(key: string, options?: CallOptions): Promise<StoredObject | null>;

  /** Objects whose key begins with `prefix` (any text; empty: all), at most `limit` (1 to 1,000, default 1,000). */
  list(prefix: string, cursor?: string | null, limit?: number): Promise<Page>;

  /** Removes the object; it is well when there is none. */
  delete(key: string, options?: CallOptions): Promise<void>;

  /** Whether the store answers and takes what we bring, within two seconds and leaving nothing. Throws when not. */
  probe(options?: CallOptions): Promise<void>;

  /** Lets go of idle connections. Calls that run go on to their end. */
  close(): Promise<void>;
}
