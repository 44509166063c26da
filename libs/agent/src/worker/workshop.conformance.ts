import { z } from 'zod';
import { defineKind, type Kind, type KindSpec } from '@nexora/contracts';
import { Database } from '@nexora/database';
import { Ledger, type Declaration, type EnqueueOptions, enqueue } from '@nexora/outbox';
import { collected, HouseClock, Telemetry } from '@nexora/runtime';
import { freshDatabase, until } from '@nexora/testing';
import type { Job } from '../job.ts';
import type { WorkedKind } from '../resolve.ts';
import { pulse } from './liveness.ts';
import { Worker, type WorkerParts } from './worker.ts';

/** A kind of the agent "sample", which exists in tests only. Payload and result are whatever JSON the test likes. */
export function sampleKind(verb: string, more: Partial<KindSpec<Note, Note>> = {}): Kind<Note, Note> {
  return defineKind({ name: `sample.${verb}`, payload: note, result: note, ...more });
}
const note = z.record(z.string(), z.json());
export type Note = z.output<typeof note>;

/** How a test works a kind. */
export interface Worked extends Partial<Omit<WorkedKind, 'kind' | 'use'>> {
  readonly kind: Kind<Note, Note>;
  readonly handle: (job: Job<Kind<Note, Note>>) => Promise<unknown>;
}

/** A migrated database with the agent "sample", and workers of it inside the test's own process. */
export class Workshop {
  readonly database: Database;
  readonly ledger: Ledger;
  readonly url: string;
  /** Every line that the workers told. */
  readonly lines: Record<string, unknown>[] = [];
  readonly #drop: () => Promise<void>;
  readonly #workers: { worker: Worker; database: Database }[] = [];

  private constructor(database: Database, url: string, drop: () => Promise<void>) {
    this.database = database;
    this.ledger = new Ledger(database);
    this.url = url;
    this.#drop = drop;
  }

  static async open(): Promise<Workshop> {
    const fresh = await freshDatabase();
    return new Workshop(await Database.open({ url: fresh.url }), fresh.url, () => fresh.drop());
  }

  declare(kinds: readonly Kind[], more: Partial<Declaration> = {}): Promise<void> {
    return this.ledger.declare({ agent: 'sample', version: '1', kinds: kinds.map((kind) => ({ kind })), ...more });
  }

  enqueue(kind: Kind<Note, Note>, payload: Note = {}, options: EnqueueOptions = {}): Promise<string> {
    return enqueue(this.database, kind, payload, options);
  }

  /** Hands over many jobs in one statement. */
  async enqueueMany(kind: Kind, count: number, priority = 'default'): Promise<void> {
    const text = `SELECT agents.enqueue($1, jsonb_build_object('n', n), NULL, $3) FROM generate_series(1, $2::int) n`;
    await this.database.query({ text, values: [kind.name, count, priority] });
  }

  /** Starts a worker with connections of its own, as a process has them. */
  async work(worked: readonly Worked[], more: Partial<WorkerParts> & { poolSize?: number } = {}): Promise<Worker> {
    const databaseSettings = { url: this.url, poolSize: more.poolSize ?? 5, applicationName: 'workshop' };
    const database = more.database ?? (await Database.open(databaseSettings));
    const sink = collected(this.lines);
    const worker = new Worker({
      card: { agent: 'sample', instance: `test-${this.#workers.length}`, about: {} },
      kinds: worked.map(({ kind, handle, ...rest }) => ({
        worked: {
          kind,
          use: Object,
          retry: RETRY,
          concurrency: 1,
          timeoutMs: 30_000,
          ...rest,
        } as unknown as WorkedKind,
        handler: { handle },
      })),
      database,
      databaseSettings,
      bell: {
        ring: () => undefined,
        serve: () => ({ close: () => Promise.resolve() }),
        close: () => Promise.resolve(),
      },
      clock: new HouseClock(),
      telemetry: Telemetry.open({ agent: 'sample', level: 'debug', sink }),
      enabled: true,
      pulse: pulse(),
      ...more,
    });
    this.#workers.push({ worker, database });
    await worker.start();
    return worker;
  }

  /** State of one job, also after it has left the hot table. */
  async state(id: string): Promise<string | undefined> {
    const rows = await this.database.query<{ state: string }>({
      text: 'SELECT state FROM agents.job_listing WHERE id = $1',
      values: [id],
    });
    return rows[0]?.state;
  }

  /** The whole row of the listing. */
  async row(id: string): Promise<Record<string, unknown>> {
    const rows = await this.database.query<Record<string, unknown>>({
      text: 'SELECT * FROM agents.job_listing WHERE id = $1',
      values: [id],
    });
    return rows[0] ?? {};
  }

  becomes(id: string, state: string, within = 10_000): Promise<unknown> {
    return until(async () => (await this.state(id)) === state, { within, what: `job ${id} to be ${state}` });
  }

  async count(where: string): Promise<number> {
    const rows = await this.database.query<{ n: string }>({
      text: `SELECT count(*) AS n FROM agents.job_listing WHERE ${where}`,
    });
    return Number(rows[0]?.n);
  }

  /** Events that the workers told, by name. */
  told(event: string): Record<string, unknown>[] {
    return this.lines.filter((line) => line['event'] === event);
  }

  /** Waits until the workers have told an event so many times. */
  tells(event: string, times = 1): Promise<unknown> {
    return until(() => this.told(event).length >= times, { within: 10_000, what: `${event} to be told` });
  }

  async end(): Promise<void> {
    for (const { worker, database } of this.#workers) {
      await worker.stop(0);
      await database.close(1_000);
    }
    await this.database.close(1_000);
    await this.#drop();
  }
}

const RETRY = { firstMs: 50, factor: 2, ceilingMs: 1_000, jitter: 0, attempts: 20 };
