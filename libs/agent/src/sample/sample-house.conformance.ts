import { join } from 'node:path';
import { Database, migrate, provisionRoles } from '@nexora/database';
import { Ledger, ledgerMigrations } from '@nexora/outbox';
import { freshDatabase, freshRedis, privatePostgres, spawnNode, until, type NodeProcess } from '@nexora/testing';
import { resolveAgent } from '../resolve.ts';
import { EFFECTS, sampleAgent } from './sample-agent.conformance.ts';

/** How one process of the sample agent is started. */
export interface SampleOptions {
  /** Two live processes never share one. Default `sample-1`. */
  readonly instance?: string;
  /** How many times faster than the spec heartbeats, sweeps and the watched silence run. Default 1. */
  readonly pace?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Default: waits until it is ready. */
  readonly ready?: RegExp | null;
}

/** A database with the sample agent declared, real processes of it, and an account of what they did. */
export class SampleHouse {
  readonly database: Database;
  readonly ledger: Ledger;
  readonly url: string;
  redisUrl: string;
  readonly #cleanUp: (() => Promise<unknown>)[];
  readonly #processes: NodeProcess[] = [];

  private constructor(database: Database, url: string, redisUrl: string, cleanUp: (() => Promise<unknown>)[]) {
    this.database = database;
    this.ledger = new Ledger(database);
    this.url = url;
    this.redisUrl = redisUrl;
    this.#cleanUp = cleanUp;
  }

  /** On the shared services; with `postgres: 'own'` on a durable Postgres that the test may kill. */
  static async open(): Promise<SampleHouse> {
    const [fresh, redis] = await Promise.all([freshDatabase(), freshRedis()]);
    return SampleHouse.#over(fresh.url, redis.url, [() => fresh.drop(), () => redis.release()]);
  }

  /** On a Postgres of its own, which the test may kill. */
  static async openWithOwnPostgres() {
    const [own, redis] = await Promise.all([privatePostgres('durable'), freshRedis()]);
    await provisionRoles(own.server.url, []);
    await migrate(own.server.url, [ledgerMigrations]);
    const house = await SampleHouse.#over(own.server.url, redis.url, [() => own.end(), () => redis.release()]);
    return { house, postgres: own.server };
  }

  static async #over(url: string, redisUrl: string, cleanUp: (() => Promise<unknown>)[]): Promise<SampleHouse> {
    const database = await Database.open({ url, onConnectionError: () => undefined });
    const house = new SampleHouse(database, url, redisUrl, cleanUp);
    await database.query({ text: EFFECTS });
    const values = { SAMPLE_SLOTS: 4, SAMPLE_EVERY_SECONDS: 3_600 };
    await house.ledger.declare(resolveAgent(sampleAgent, values).declaration);
    return house;
  }

  /** Starts a process of the sample agent. */
  async start({ instance = 'sample-1', pace = 1, env = {}, ready }: SampleOptions = {}): Promise<NodeProcess> {
    const started = await spawnNode({
      entry: join(import.meta.dirname, 'sample-main.conformance.ts'),
      args: [String(pace)],
      env: { DATABASE_URL: this.url, REDIS_URL: this.redisUrl, INSTANCE_NAME: instance, ...env },
      ...(ready === null ? {} : { ready: ready ?? /"event":"process-started"/ }),
      within: 60_000,
    });
    this.#processes.push(started);
    return started;
  }

  /** Starts a process again under its name whenever it dies, as a supervisor does, until `enough`. Answers how often. */
  async supervise(options: SampleOptions, enough: () => Promise<boolean>, within: number): Promise<number> {
    let starts = 0;
    let over = false;
    const keeping = (async () => {
      while (!over) {
        starts++;
        const child = await this.start({ ...options, ready: null });
        await child.exited;
      }
    })();
    try {
      await until(enough, { within, what: 'the supervised process to have done enough' });
    } finally {
      over = true;
      await Promise.all(this.#processes.map((each) => each.kill9()));
      await keeping;
    }
    return starts;
  }

  /** Hands over jobs in one statement; `payload` may use `n`, from 1. */
  async handOver(
    count: number,
    payload = `jsonb_build_object('tag', n::text)`,
    kind = 'sample.work',
  ): Promise<string[]> {
    const text = `SELECT agents.enqueue($1, ${payload}) AS id FROM generate_series(1, $2::int) n`;
    const rows = await this.database.query<{ id: string }>({ text, values: [kind, count] });
    return rows.map(({ id }) => id);
  }

  async count(where: string): Promise<number> {
    const text = `SELECT count(*) AS n FROM agents.job_listing WHERE ${where}`;
    return Number((await this.database.query<{ n: string }>({ text }))[0]?.n);
  }

  /** Waits until so many jobs are in the state. */
  reaches(count: number, state: string, within = 30_000): Promise<unknown> {
    return until(async () => (await this.count(`state = '${state}'`)) >= count, {
      within,
      what: `${count} jobs to be ${state}`,
    });
  }

  /** Jobs whose effect stands more than once, and jobs that are done without one: both must be empty. */
  async account(): Promise<{ doubled: string[]; withoutEffect: string[] }> {
    const doubled = await this.database.query<{ job: string }>({
      text: 'SELECT job FROM effect GROUP BY job HAVING count(*) > 1',
    });
    const withoutEffect = await this.database.query<{ id: string }>({
      text: `SELECT id FROM agents.job_listing WHERE state = 'done' AND id NOT IN (SELECT job FROM effect)`,
    });
    return { doubled: doubled.map(({ job }) => job), withoutEffect: withoutEffect.map(({ id }) => id) };
  }

  async end(): Promise<void> {
    await Promise.all(this.#processes.map((each) => each.kill9()));
    await this.database.close(1_000);
    for (const cleanUp of this.#cleanUp) await cleanUp();
  }
}
