import { isPassing } from '@nexora/database';
import { StaleFence, type ClaimedJob, type Ledger } from '@nexora/outbox';
import { pause } from '../loops.ts';
import type { JobGround } from './job-ground.ts';
import { storable, storableText } from './storable.ts';

/** Two writes a second at most; a progress bar needs no more. */
const PROGRESS_EVERY_MS = 500;
/** The ledger keeps no more lines of a job; what one run says beyond is not even sent. */
const MOST_LINES = 200;

/**
 * Progress and log lines of one running job. They are told, not awaited: a handler never fails because of them, and
 * waits for them only where it ends. Lines keep their order; of several progresses the last one counts.
 */
export class JobNotes {
  readonly #row: ClaimedJob;
  readonly #incarnation: string;
  readonly #ground: JobGround;
  readonly #ended = new AbortController();
  #lines: Promise<void> | undefined;
  #linesTaken = 0;
  /** The ledger takes no more lines of this job. */
  #full = false;
  #progress: Promise<void> | undefined;
  #latest: { readonly fraction: number; readonly phrase: string } | undefined;

  constructor(row: ClaimedJob, incarnation: string, ground: JobGround) {
    this.#row = row;
    this.#incarnation = incarnation;
    this.#ground = ground;
  }

  progress(fraction: number, phrase: string): void {
    this.#latest = { fraction: Math.min(1, Math.max(0, fraction)), phrase: storableText(phrase) };
    this.#progress ??= this.#writeProgress().finally(() => {
      this.#progress = undefined;
    });
  }

  log(line: string, fields: Readonly<Record<string, unknown>> | undefined): void {
    const { id, kind, attempts } = this.#row;
    this.#ground.telemetry.emit('job-log', { job: id, kind, attempt: attempts + 1, message: line, about: fields });
    if (this.#full || this.#linesTaken >= MOST_LINES) return;
    this.#linesTaken++;
    const entry = { level: 'info', line: storableText(line), fields: plain(fields) };
    this.#lines = (this.#lines ?? Promise.resolve()).then(() => (this.#full ? undefined : this.#writeLine(entry)));
  }

  /** Resolves when everything told so far is written or given up; undefined when nothing was told. */
  written(): Promise<void> | undefined {
    if (this.#lines === undefined && this.#progress === undefined) return undefined;
    this.#ended.abort();
    return Promise.all([this.#lines, this.#progress]).then(() => undefined);
  }

  #writeLine(entry: Parameters<Ledger['log']>[2]): Promise<void> {
    return this.#quietly(async () => {
      this.#full = !(await this.#ground.ledger.log(this.#incarnation, this.#row, entry));
    });
  }

  async #writeProgress(): Promise<void> {
    while (this.#latest !== undefined) {
      const { fraction, phrase } = this.#latest;
      this.#latest = undefined;
      await this.#quietly(() => this.#ground.ledger.progress(this.#incarnation, this.#row, fraction, phrase));
      await pause(this.#ground.clock, PROGRESS_EVERY_MS, this.#ended.signal);
    }
  }

  /** A note that cannot be written is no reason to fail the job: the database's own troubles are told elsewhere. */
  async #quietly(write: () => Promise<unknown>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (isPassing(error) || error instanceof StaleFence) return;
      this.#ground.telemetry.emit('note-failed', { job: this.#row.id, kind: this.#row.kind, error });
    }
  }
}

function plain(fields: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  const told = storable(fields ?? {});
  return typeof told === 'object' && told !== null ? { ...told } : {};
}
