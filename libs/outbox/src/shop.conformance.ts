import { randomUUID } from 'node:crypto';
import { defineKind, type Kind, type KindSpec } from '@nexora/contracts';
import { Database, type Listener } from '@nexora/database';
import { freshDatabase, until, type MigratedDatabase } from '@nexora/testing';
import { Client } from 'pg';
import { z } from 'zod';
import {
  enqueue,
  Ledger,
  type ClaimedJob,
  type DeclaredKind,
  type EnqueueOptions,
  type ScheduleSpec,
} from './index.ts';

type Spec = Partial<KindSpec<unknown, unknown>> & Omit<DeclaredKind, 'kind'>;

/** What tests look at in a row, wherever it is kept. */
export interface Row {
  id: string;
  state: string;
  attempts: number;
  losses: number;
  dispatch: number;
  alone: boolean;
  run_at: Date;
  last_error: { code: string; [more: string]: unknown } | null;
  result: unknown;
  intent: { key: string } | null;
}

/** A kind of the agent `cfdi` that takes anything. */
export function anyKind(verb: string, spec: Spec = {}): DeclaredKind {
  const { total, rate, ...rest } = spec;
  return {
    kind: defineKind({ name: `cfdi.${verb}`, payload: z.unknown(), result: z.unknown(), ...rest }),
    ...(total === undefined ? {} : { total }),
    ...(rate === undefined ? {} : { rate }),
  };
}

/**
 * A migrated database with one agent, seen from both sides: `db` and `ledger` use the agent's own login, as in the
 * house; `admin` is the superuser, to look behind the functions and to move the clock.
 */
export class Shop {
  readonly admin: Database;
  readonly db: Database;
  readonly ledger: Ledger;
  readonly database: MigratedDatabase;
  readonly #opened: Database[] = [];
  readonly #sessions: Client[] = [];

  private constructor(database: MigratedDatabase, admin: Database, db: Database) {
    this.database = database;
    this.admin = admin;
    this.db = db;
    this.ledger = new Ledger(db);
    this.#opened.push(admin, db);
  }

  static async open(kinds: readonly DeclaredKind[], schedules: readonly ScheduleSpec[] = []): Promise<Shop> {
    const database = await freshDatabase();
    const admin = await Database.open({ url: database.url, applicationName: 'test admin' });
    // A claim that waits where it must not would hang until the spec's own limit: it fails instead.
    await admin.query({ text: `ALTER DATABASE ${database.name} SET lock_timeout = '10s'` });
    const db = await Database.open({ url: database.urlFor('cfdi'), applicationName: 'test cfdi', poolSize: 20 });
    const shop = new Shop(database, admin, db);
    await shop.declare(kinds, schedules);
    return shop;
  }

  async declare(kinds: readonly DeclaredKind[], schedules: readonly ScheduleSpec[] = []): Promise<void> {
    await this.ledger.declare({ agent: 'cfdi', version: '1.0.0', kinds, schedules });
  }

  /** A connection of its own, for transactions that stay open; at the end of the test it is gone, however that ends. */
  async session(url = this.database.urlFor('cfdi')): Promise<Client> {
    const client = new Client({ connectionString: url });
    this.#sessions.push(client);
    await client.connect();
    return client;
  }

  /** Another login's own way to the same database. */
  async as(app: string): Promise<Database> {
    const db = await Database.open({ url: this.database.urlFor(app), applicationName: `test ${app}` });
    this.#opened.push(db);
    return db;
  }

  async close(): Promise<void> {
    for (const db of this.#opened) await db.close();
    await this.database.drop();
  }

  /** Leaves the ledger as it was after the declaration. */
  async empty(): Promise<void> {
    for (const session of this.#sessions.splice(0)) await session.end();
    await this
      .sql(`TRUNCATE agents.job, agents.job_finished, agents.attempt, agents.job_log, agents.intent, agents.dedupe,
                             agents.hold, agents.schedule_slot, agents.worker`);
    await this.sql('UPDATE agents.agent SET paused = false');
    await this.sql(
      `UPDATE agents.connectivity SET state = 'unknown', checked_at = NULL, stage = 4, stage_since = NULL`,
    );
    await this.sql(
      `UPDATE agents.license_gate SET mode = 'unknown', reason = NULL, since = NULL, reported_at = NULL, details = '{}'`,
    );
    await this.sql(`UPDATE agents.kind_limit SET spent_at = '{}', spent = '{}'`);
    await this.moveClock(null);
  }

  /** Runs SQL as superuser. */
  sql<R = Record<string, unknown>>(text: string, values: readonly unknown[] = []): Promise<R[]> {
    return this.admin.query<R>({ text, values });
  }

  /** Sets what the house's clock is ahead of the real one, as an interval; null puts it right. */
  async moveClock(offset: string | null): Promise<void> {
    await this.sql('SELECT agents.set_clock($1::interval)', [offset]);
  }

  /** Registers a process and answers its incarnation. */
  async worker(instance: string = randomUUID()): Promise<string> {
    const incarnation = randomUUID();
    await this.ledger.startWorker({ agent: 'cfdi', instance, incarnation });
    return incarnation;
  }

  enqueue(kind: Kind | DeclaredKind, payload: unknown = {}, options: EnqueueOptions = {}): Promise<string> {
    return enqueue(this.db, 'kind' in kind ? kind.kind : kind, payload, options);
  }

  /** Hands over a job that has waited for so long already; answers its id. */
  async enqueueEarlier(kind: DeclaredKind, minutes: number, payload: unknown = {}, options: EnqueueOptions = {}) {
    const id = await this.enqueue(kind, payload, options);
    const text = 'UPDATE agents.job SET run_at = run_at - make_interval(mins => $2) WHERE id = $1';
    await this.sql(text, [id, minutes]);
    return id;
  }

  /** Enqueues as many jobs in one statement, all due at the same moment. */
  async enqueueMany(kind: DeclaredKind, count: number, priority = 'default'): Promise<string[]> {
    const rows = await this.db.query<{ id: string }>({
      text: `SELECT agents.enqueue($1, jsonb_build_object('n', n), priority => $3) AS id FROM generate_series(1, $2) n`,
      values: [kind.kind.name, count, priority],
    });
    return rows.map(({ id }) => id);
  }

  claim(incarnation: string, kind: DeclaredKind, max = 10): Promise<ClaimedJob[]> {
    return this.ledger.claim({ incarnation, kind: kind.kind.name, max });
  }

  /** Claims one row, which must be there. */
  async claimOne(incarnation: string, kind: DeclaredKind): Promise<ClaimedJob> {
    const [job] = await this.claim(incarnation, kind, 1);
    if (job === undefined) throw new Error(`no row of ${kind.kind.name} could be claimed`);
    return job;
  }

  async claimAlone(incarnation: string, kind: DeclaredKind): Promise<ClaimedJob | undefined> {
    return this.ledger.claimAlone(incarnation, [kind.kind.name]);
  }

  /** Takes the worker for lost, as a sweeper does that watched its counter. */
  async lose(incarnation: string): Promise<number | null> {
    const [watched] = (await this.ledger.watch('cfdi')).filter((each) => each.incarnation === incarnation);
    return watched === undefined ? null : this.ledger.declareLost(incarnation, watched.counter);
  }

  async row(id: string): Promise<Row> {
    const [row] = await this.sql<Row>('SELECT * FROM agents.job_listing WHERE id = $1', [id]);
    if (row === undefined) throw new Error(`the ledger does not know the job ${id}`);
    return row;
  }

  async stateOf(id: string): Promise<string> {
    return (await this.row(id)).state;
  }

  async attemptsOf(id: string): Promise<{ outcome: string; counted: boolean; number: number; error: unknown }[]> {
    return this.sql('SELECT outcome, counted, number, error FROM agents.attempts WHERE job = $1 ORDER BY ended_at', [
      id,
    ]);
  }

  /** Listens on channels and keeps what it hears. */
  async ear(...channels: string[]): Promise<{ heard: string[]; listener: Listener; settled: () => Promise<void> }> {
    const heard: string[] = [];
    const listener = await this.db.listen([...channels, 'test_echo'], {
      onNotify: (channel, payload) => heard.push(`${channel} ${payload}`),
    });
    const settled = async () => {
      const mark = randomUUID();
      await this.sql(`SELECT pg_notify('test_echo', $1)`, [mark]);
      await until(() => heard.includes(`test_echo ${mark}`), { what: 'the echo' });
      for (let i = heard.length - 1; i >= 0; i -= 1) if (heard[i]?.startsWith('test_echo ')) heard.splice(i, 1);
    };
    return { heard, listener, settled };
  }
}
