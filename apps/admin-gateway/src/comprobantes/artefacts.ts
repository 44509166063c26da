import { ObjectMissing, openObjectStore, type ObjectStore, type StorageSettings } from '@nexora/storage';
import type { Readable } from 'node:stream';
import { AWAY_RETRY_SECONDS } from '../http/problem-of.ts';
import { Problem, retryAfter } from '../http/problem.ts';
import type { Artefact } from './comprobantes.queries.ts';

/**
 * XML and PDF: from Postgres while they are there, else from object storage, which is opened with the first document
 * that is asked for.
 */
export class Artefacts {
  readonly #settings: StorageSettings;
  #store: Promise<ObjectStore> | undefined;

  constructor(settings: StorageSettings) {
    this.#settings = settings;
  }

  /**
   * The whole document.
   * @throws Problem 503 while object storage is away, or when it lacks what Postgres says it has.
   */
  async bytesOf({ bytes, key }: Pick<Artefact, 'bytes' | 'key'>): Promise<Buffer> {
    if (bytes !== null) return bytes;
    if (key === null) throw new Error('An artefact has neither bytes nor a key.');
    try {
      const store = await this.#opened();
      return (await store.get(key)).body;
    } catch (cause) {
      throw away(cause);
    }
  }

  /**
   * A large object as a stream, with its length in bytes; null when there is none under the key.
   * @throws Problem 503 while object storage is away.
   */
  async streamOf(key: string): Promise<{ body: Readable; size: number } | null> {
    try {
      const store = await this.#opened();
      return await store.stream(key);
    } catch (cause) {
      if (cause instanceof ObjectMissing) return null;
      throw away(cause);
    }
  }

  /** Lets go of the storage, if it was ever opened. */
  async close(): Promise<void> {
    await (await this.#store)?.close();
  }

  #opened(): Promise<ObjectStore> {
    this.#store ??= this.#open();
    return this.#store;
  }

  async #open(): Promise<ObjectStore> {
    try {
      return await openObjectStore(this.#settings);
    } catch (error) {
      this.#store = undefined;
      throw error;
    }
  }
}

function away(cause: unknown): Problem {
  const detail = 'The document cannot be read from storage at the moment. Try again later.';
  return new Problem('http.unavailable', detail, { headers: retryAfter(AWAY_RETRY_SECONDS), cause });
}
