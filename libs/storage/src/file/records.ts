import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256Of } from '../checksum.ts';
import { RESERVED_FOLDER } from '../key.ts';
import { ignore, sameIdentity, uniqueName, type Durable, type Identity } from './durable.ts';

const shape = z.object({
  key: z.string(),
  sha256: z.string(),
  size: z.number(),
  contentType: z.string(),
  metadata: z.record(z.string(), z.string()),
  ino: z.string(),
  mtimeNs: z.string(),
});

/** What is known of one body that was put: its checksum, what it is, and the file that it was. */
export type BodyRecord = z.output<typeof shape>;

/** A record and the file that holds it. */
export interface FoundRecord {
  readonly path: string;
  readonly sha256: string;
  readonly etag: string;
  /** Null when the file cannot be read as a record: half written, or damaged. */
  readonly record: BodyRecord | null;
}

/**
 * Records beside the bodies, below `.nexora/records`: one file per body, written and synced before the body gets its
 * name, never changed, removed after the body is gone. So a body that can be seen always has its record. A kill or a
 * race may leave the record of a body that is gone: 300 bytes that nobody takes for anything else. The file's name
 * begins with the key's hash and tells the body's, so records are found without a catalogue.
 */
export class Records {
  readonly #root: string;
  readonly #durable: Durable;

  constructor(root: string, durable: Durable) {
    this.#root = join(root, RESERVED_FOLDER, 'records');
    this.#durable = durable;
  }

  /** Writes a record durably; answers the etag. */
  async add(record: BodyRecord): Promise<FoundRecord> {
    const { folder, stem } = this.#whereOf(record.key);
    const unique = uniqueName();
    const name = `${stem}.${record.sha256}.${unique}.json`;
    await this.#durable.write(folder, name, (handle) => handle.writeFile(JSON.stringify(record)));
    await this.#durable.sync(folder);
    return { path: join(folder, name), sha256: record.sha256, etag: etagOf(record.sha256, unique), record };
  }

  /** All records of a key, of its present body and of some that are gone. */
  async of(key: string): Promise<FoundRecord[]> {
    const { folder, stem } = this.#whereOf(key);
    const names = await readdir(folder).catch((error: unknown) => (ignore(error, 'ENOENT'), []));
    const mine = names.filter((name) => name.startsWith(`${stem}.`));
    const found = await Promise.all(mine.map((name) => read(join(folder, name), name, key)));
    return found.filter((one) => one !== null);
  }

  /** Removes a record whose body is certainly gone. */
  async remove(found: FoundRecord): Promise<void> {
    await rm(found.path, { force: true });
  }

  #whereOf(key: string): { folder: string; stem: string } {
    const hash = sha256Of(Buffer.from(key));
    return { folder: join(this.#root, hash.slice(0, 2)), stem: hash.slice(2, 34) };
  }
}

/** The one record of this very file; null when none or several could be it. */
export function recordOfFile(records: readonly FoundRecord[], identity: Identity): FoundRecord | null {
  const matching = records.filter(({ record }) => record !== null && sameIdentity(record, identity));
  return matching.length === 1 ? (matching[0] ?? null) : null;
}

/** A record of these bytes: of this very file when there is one. */
export function recordOfBytes(records: readonly FoundRecord[], sha256: string, identity: Identity): FoundRecord | null {
  const matching = records.filter((one) => one.sha256 === sha256 && one.record !== null);
  return matching.find(({ record }) => record !== null && sameIdentity(record, identity)) ?? matching[0] ?? null;
}

async function read(path: string, name: string, key: string): Promise<FoundRecord | null> {
  const [, sha256 = '', unique = ''] = name.split('.');
  const text = await readFile(path, 'utf8').catch((error: unknown) => (ignore(error, 'ENOENT'), null));
  if (text === null) return null;
  const record = parsed(text);
  const etag = etagOf(sha256, unique);
  return record === null || (record.key === key && record.sha256 === sha256) ? { path, sha256, etag, record } : null;
}

function parsed(text: string): BodyRecord | null {
  try {
    return shape.parse(JSON.parse(text));
  } catch {
    return null; // half written by a writer that was killed, or still at work
  }
}

function etagOf(sha256: string, unique: string): string {
  return `${sha256.slice(0, 16)}-${unique}`;
}
