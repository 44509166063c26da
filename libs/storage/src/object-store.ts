import type { Readable } from 'node:stream';

/** What is known of a stored object. */
export interface Stored {
  readonly key: string;
  /** Length of the body in bytes. */
  readonly size: number;
  /** SHA-256 of the body, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** Changes whenever the object changes. Opaque: its form depends on the driver. */
  readonly etag: string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly modifiedAt: Date;
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

/** How to store an object. */
export interface PutOptions {
  /** Media type, for instance `application/xml`. */
  readonly contentType: string;
  /** SHA-256 (hexadecimal) that the body must have; a body that has another is not stored. Spares a large stream the detour over the disk. */
  readonly sha256?: string;
  /** Names of `a-z 0-9 -`, values of any text; at most 1,500 bytes in all, as the drivers encode it. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** The key must not change: a present object with the same bytes is answered as it is, with other bytes it is `ObjectDiffers`. */
  readonly ifAbsent?: boolean;
  /** Gives up. Before the last step nothing was stored; a temporary rest is removed. */
  readonly signal?: AbortSignal;
}

/**
 * Objects (XML, PDF, backups) under keys such as `cfdi/EKU9003173C9/2026/11/<uuid>.xml`. An object is there whole or
 * not at all, whatever is cut, killed or switched off, and its bytes are checked against their SHA-256 when read.
 *
 * Every method may throw `StorageAway` (try again later) and `StorageRefused` (a person must mend something), and
 * `InvalidKey` for a key that no driver could keep: see `checkKey`. A key must not be the folder of another (`a`, `a/b`).
 */
export interface ObjectStore {
  /** Where it is, without user and password, for people: `file:///var/lib/nexora` or `s3://bucket at http://host:9000`. */
  readonly place: string;

  /**
   * Stores a body, durably when it answers. The same bytes, type and metadata again change nothing. A stream is read
   * once and in bounded memory; its own error is thrown as it is.
   * @throws ObjectDiffers under `ifAbsent`, when other bytes are there.
   * @throws WrongChecksum when the body does not have the `sha256` that was announced.
   */
  put(key: string, body: Buffer | Readable, options: PutOptions): Promise<Stored>;

  /**
   * The whole body in memory: for what is known to be small.
   * @throws ObjectMissing
   * @throws ObjectDamaged when the bytes are not those that were stored.
   */
  get(key: string, options?: { readonly signal?: AbortSignal }): Promise<Stored & { readonly body: Buffer }>;

  /**
   * The body as a stream that fails with `ObjectDamaged` or `StorageAway` instead of ending early. Whoever takes it
   * must read or destroy it.
   * @throws ObjectMissing
   */
  stream(key: string, options?: { readonly signal?: AbortSignal }): Promise<Stored & { readonly body: Readable }>;

  /** What is known of the object; null when there is none. */
  head(key: string): Promise<Stored | null>;

  /** Objects whose key begins with `prefix` (any text; empty: all), at most `limit` (1 to 1,000, default 1,000). */
  list(prefix: string, cursor?: string | null, limit?: number): Promise<Page>;

  /** Removes the object; it is well when there is none. */
  delete(key: string): Promise<void>;

  /** Asks whether the store answers and accepts us, within two seconds and without leaving anything. Throws when not. */
  probe(signal?: AbortSignal): Promise<void>;

  /** Lets go of connections and timers. Running calls end first or fail. */
  close(): Promise<void>;
}
