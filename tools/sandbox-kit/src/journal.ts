import { createReadStream } from 'node:fs';
import { open, truncate, type FileHandle } from 'node:fs/promises';

const newline = 0x0a;

/** Where a record lies in the file. */
export interface Place {
  readonly offset: number;
  readonly length: number;
}

/** Thrown for every record once one could not be written: there is nothing left to do but to end and start again. */
export class JournalBroken extends Error {
  constructor(cause: unknown) {
    super('The memory of the sandbox cannot be written', { cause });
    this.name = 'JournalBroken';
  }
}

interface Waiting {
  readonly bytes: Buffer;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

/** Thrown when a line that is not the last cannot be read: the file was changed by another hand. */
export class JournalDamaged extends Error {
  constructor(path: string, offset: number, cause: unknown) {
    super(`${path} cannot be read at byte ${offset}: move the file away to start with an empty memory`, { cause });
    this.name = 'JournalDamaged';
  }
}

async function* linesOf(path: string): AsyncGenerator<{ line: Buffer; place: Place }> {
  let rest: Buffer = Buffer.alloc(0);
  let offset = 0;
  for await (const chunk of createReadStream(path)) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
      yield { line: rest.subarray(0, end), place: { offset, length: end } };
      rest = rest.subarray(end + 1);
      offset += end + 1;
    }
  }
}

function parsed(line: Buffer): { value: unknown } | { fault: unknown } {
  try {
    return { value: JSON.parse(line.toString('utf8')) as unknown };
  } catch (fault) {
    return { fault };
  }
}

/** Reads the whole lines; answers where the sound part ends, so that a torn last line can be cut off. */
async function replay(path: string, visit: (record: unknown, place: Place) => void): Promise<number> {
  let sound = 0;
  let torn: { offset: number; fault: unknown } | undefined;
  for await (const { line, place } of linesOf(path)) {
    if (torn !== undefined) throw new JournalDamaged(path, torn.offset, torn.fault);
    const result = parsed(line);
    if ('fault' in result) {
      torn = { offset: place.offset, fault: result.fault };
      continue;
    }
    visit(result.value, place);
    sound = place.offset + place.length + 1;
  }
  return sound;
}

/**
 * Append-only file of JSON lines. A record counts as kept once its `durable` promise resolves: then it is on the disk,
 * whatever is killed. Records that wait are written and synced together. A write that fails breaks the journal: every
 * later one fails with the same error, so that nothing is answered that is not kept.
 */
export class Journal {
  private readonly file: FileHandle;
  private size: number;
  private waiting: Waiting[] = [];
  private running: Promise<void> | undefined;
  private broken: Error | undefined;

  private constructor(file: FileHandle, size: number) {
    this.file = file;
    this.size = size;
  }

  /** Opens or makes the file, tells each record to `visit`, cuts off a torn last line. Errors: JournalDamaged. */
  static async open(path: string, visit: (record: unknown, place: Place) => void): Promise<Journal> {
    const file = await open(path, 'a+', 0o600);
    try {
      const sound = await replay(path, visit);
      await truncate(path, sound);
      return new Journal(file, sound);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  append(record: object): { place: Place; durable: Promise<void> } {
    const bytes = Buffer.from(`${JSON.stringify(record)}\n`, 'utf8');
    const place = { offset: this.size, length: bytes.length - 1 };
    this.size += bytes.length;
    const durable = new Promise<void>((done, failed) => this.waiting.push({ bytes, done, failed }));
    this.running ??= this.drain();
    return { place, durable };
  }

  /** A record that is durable. */
  async read(place: Place): Promise<unknown> {
    const bytes = Buffer.alloc(place.length);
    await this.file.read(bytes, 0, place.length, place.offset);
    return JSON.parse(bytes.toString('utf8')) as unknown;
  }

  async close(): Promise<void> {
    await this.running;
    await this.file.close();
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0);
      await this.write(batch);
    }
    this.running = undefined;
  }

  private async write(batch: readonly Waiting[]): Promise<void> {
    try {
      if (this.broken !== undefined) throw this.broken;
      await this.file.appendFile(Buffer.concat(batch.map((entry) => entry.bytes)));
      await this.file.datasync();
      for (const entry of batch) entry.done();
    } catch (cause) {
      this.broken ??= new JournalBroken(cause);
      for (const entry of batch) entry.failed(this.broken);
    }
  }
}
