import { isPassing } from '@nexora/database';
import { StaleFence, type ClaimedJob } from '@nexora/outbox';
import { redact } from '@nexora/runtime';
import { pause } from '../loops.ts';
import type { JobGround } from './job-ground.ts';

/** Two writes a second at most; a progress bar needs no more. */
const PROGRESS_EVERY_MS = 500;

/**
 * Progress and log lines of one running job. They are told, not awaited: a handler never fails because of them, and
 * never waits for them. Lines keep their order; of several progresses the last one counts.
 */
export class JobNotes {
  readonly #row: ClaimedJob;
  readonly #incarnation: string;
  readonly #ground: JobGround;
  readonly #ended = new AbortController();
  #lines: Promise<void> | undefined;
  #progress: Promise<void> | undefined;
  #latest: { readonly fraction: number; readonly phrase: string } | undefined;

  constructor(row: ClaimedJob, incarnation: string, ground: JobGround) {
    this.#row = row;
    this.#incarnation = incarnation;
    this.#ground = ground;
  }

  progress(fraction: number, phrase: string): void {
    this.#latest = { fraction: Math.min(1, Math.max(0, fraction)), phrase };
    this.#progress ??= this.#writeProgress().finally(() => {
      this.#progress = undefined;
    });
  }

  log(line: string, fields: Readonly<Record<string, unknown>> | undefined): void {
    const { id, kind, attempts } = this.#row;
    this.#ground.telemetry.emit('job-log', { job: id, kind, attempt: attempts + 1, message: line, about: fields });
    const entry = { level: 'info', line: String(redact(line)), fields: plain(fields) };
    this.#lines = (this.#lines ?? Promise.resolve()).then(() =>
      this.#quietly(() => this.#ground.ledger.log(this.#incarnation, this.#row, entry)),
    );
  }

  /** Resolves when everything told so far is written or given up; undefined when nothing was told. */
  written(): Promise<void> | undefined {
    if (this.#lines === undefined && this.#progress === undefined) return undefined;
    this.#ended.abort();
    return Promise.all([this.#lines, this.#progress]).then(() => undefined);
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
  const told = redact(fields ?? {});
  return typeof told === 'object' && told !== null ? { ...told } : {};
}
