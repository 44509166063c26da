import { join } from 'node:path';
import { setTimeout as takes } from 'node:timers/promises';
import { Database } from '@nexora/database';
import { Ledger } from '@nexora/outbox';
import {
  CountingOutside,
  freshDatabase,
  freshRedis,
  spawnNode,
  TcpProxy,
  until,
  type FreshRedis,
  type MigratedDatabase,
  type NodeProcess,
} from '@nexora/testing';
import { drainKinds } from './drain-agent.conformance.ts';

/** Key of a kind of the drain agent; the order of the specification. */
export const DRAIN_ORDER = ['renew', 'stamp', 'notify', 'copy'] as const;
export type DrainKey = (typeof DRAIN_ORDER)[number];

/** How a process is started. */
export interface DrainStart {
  /** Two live processes never share one. */
  readonly instance?: string;
  /** How many times faster than the spec heartbeats, and the watch over the line, run. Default 1. */
  readonly pace?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** One row of `agents.drain_progress()`; counts come as text. */
export interface DrainProgress {
  readonly class: string;
  readonly open: boolean;
  readonly waiting: string;
  readonly due: string;
  readonly done: string;
  readonly rate_per_minute: number;
  readonly estimated_seconds: number | null;
}

const STEP_MS = 200;
const READY = /"event":"process-started"/;
const entry = (name: string) => join(import.meta.dirname, `${name}-main.conformance.ts`);

/** A ledger, the sync agent and the drain agent as real processes, and an outside behind a line that can be cut. */
export class DrainHouse {
  readonly database: Database;
  readonly ledger: Ledger;
  readonly outside: CountingOutside;
  /** Between the house and the outside; heartbeats and effects pass it. */
  readonly line: TcpProxy;
  readonly #fresh: MigratedDatabase;
  readonly #redis: FreshRedis;
  readonly #processes: NodeProcess[] = [];
  readonly #closing = new AbortController();
  readonly #lines: TcpProxy[] = [];
  readonly #endings: (() => unknown)[] = [];
  #aheadSeconds = 0;

  private constructor(parts: {
    fresh: MigratedDatabase;
    redis: FreshRedis;
    database: Database;
    outside: CountingOutside;
    line: TcpProxy;
  }) {
    this.#fresh = parts.fresh;
    this.#redis = parts.redis;
    this.database = parts.database;
    this.ledger = new Ledger(parts.database);
    this.outside = parts.outside;
    this.line = parts.line;
    this.#lines.push(parts.line);
  }

  /** Nothing runs in it yet; the drain agent's kinds are known. */
  static async open(options: { latencyMs?: number } = {}): Promise<DrainHouse> {
    const [fresh, redis, outside] = await Promise.all([freshDatabase(), freshRedis(), CountingOutside.open(options)]);
    const line = await TcpProxy.to(outside.url);
    const database = await Database.open({ url: fresh.url, onConnectionError: () => undefined });
    const house = new DrainHouse({ fresh, redis, database, outside, line });
    const kinds = Object.values(drainKinds).map((kind) => ({ kind }));
    await house.ledger.declare({ agent: 'drain', version: '0', kinds });
    return house;
  }

  /** Starts the sync agent, which watches the line. */
  startSync({ instance = 'sync-1', pace = 1, env = {} }: DrainStart = {}): Promise<NodeProcess> {
    const own = {
      DATABASE_URL: this.#fresh.urlFor('sync'),
      AGENTS_HEARTBEAT_URL: this.line.through(`${this.outside.url}/heartbeat`),
      AGENTS_HEARTBEAT_EXPECT: 'OK',
      AGENTS_HEARTBEAT_TIMEOUT_SECONDS: '0.5',
    };
    return this.#start('quick-sync', instance, pace, { ...own, ...env });
  }

  /** Starts a replica of the drain agent. */
  startDrain({ instance = 'drain-1', pace = 1, env = {} }: DrainStart = {}): Promise<NodeProcess> {
    const own = { DATABASE_URL: this.#fresh.url, DRAIN_OUTSIDE_URL: this.line.through(this.outside.url) };
    return this.#start('drain', instance, pace, { ...own, ...env });
  }

  #start(name: string, instance: string, pace: number, env: Record<string, string>): Promise<NodeProcess> {
    return this.spawn(entry(name), instance, env, [String(pace)]);
  }

  /** Starts any agent of the house and waits until it is ready. */
  async spawn(
    main: string,
    instance: string,
    env: Readonly<Record<string, string>>,
    args: readonly string[] = [],
  ): Promise<NodeProcess> {
    const common = { REDIS_URL: this.#redis.url, INSTANCE_NAME: instance };
    const started = await spawnNode({ entry: main, args, env: { ...common, ...env }, ready: READY, within: 60_000 });
    this.#processes.push(started);
    return started;
  }

  /** Address of the database for the login of an app. */
  urlFor(app: string): string {
    return this.#fresh.urlFor(app);
  }

  /** A line to something else outside, cut and restored together with the others. */
  async lineTo(url: string): Promise<string> {
    const line = await TcpProxy.to(url);
    this.#lines.push(line);
    return line.through(url);
  }

  /** Cuts every line to the outside. */
  async cut(): Promise<void> {
    await Promise.all(this.#lines.map((line) => line.cut()));
  }

  async restore(): Promise<void> {
    await Promise.all(this.#lines.map((line) => line.restore()));
  }

  /** Done when the house closes, the latest first. */
  atTheEnd(end: () => unknown): void {
    this.#endings.push(end);
  }

  /** Hands over so many jobs of a kind in one statement. */
  async handOver(key: DrainKey, count: number): Promise<void> {
    const text = `SELECT agents.enqueue($1, jsonb_build_object('tag', n::text)) FROM generate_series(1, $2::int) n`;
    await this.database.query({ text, values: [drainKinds[key].name, count] });
  }

  /** Rows of a query as superuser. */
  sql<R = Record<string, unknown>>(text: string, values: unknown[] = []): Promise<R[]> {
    return this.database.query<R>({ text, values });
  }

  /** How many jobs answer to the condition. */
  async count(where: string): Promise<number> {
    const [row] = await this.sql<{ n: string }>(`SELECT count(*) AS n FROM agents.job_listing WHERE ${where}`);
    return Number(row?.n);
  }

  /** Moves the clock of the house on. */
  async pass(seconds: number): Promise<void> {
    this.#aheadSeconds += seconds;
    await this.sql('SELECT agents.set_clock(make_interval(secs => $1))', [this.#aheadSeconds]);
  }

  /** Lets the house's time pass `pace` times as fast from now on, so that waits of the ledger end as early. */
  hurry(pace: number): void {
    void loopUntil(this.#closing.signal, () => this.pass((STEP_MS / 1_000) * (pace - 1)));
  }

  /** How far the drain is, class by class. */
  progress(): Promise<DrainProgress[]> {
    return this.sql('SELECT * FROM agents.drain_progress()');
  }

  /** State of the line, as the ledger knows it. */
  async state(): Promise<string | undefined> {
    return (await this.sql<{ state: string }>('SELECT state FROM agents.connectivity_state'))[0]?.state;
  }

  /** Waits until the ledger knows the line to be so. */
  async becomes(state: 'online' | 'offline', within = 30_000): Promise<void> {
    await until(async () => (await this.state()) === state, { within, what: `the line to be ${state}` });
  }

  /** Waits until no job of the kind is left. */
  async drainedOf(key: DrainKey, within = 60_000): Promise<void> {
    const left = `kind = '${drainKinds[key].name}' AND state <> 'done'`;
    await until(async () => (await this.count(left)) === 0, { within, what: `every ${key} to be drained` });
  }

  /** Waits until no job of the drain agent is left. */
  async drained(within = 60_000): Promise<void> {
    const left = `kind LIKE 'drain.%' AND state <> 'done'`;
    await until(async () => (await this.count(left)) === 0, { within, what: 'all to be drained' });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#processes.map((each) => each.kill9()));
    for (const end of this.#endings.reverse()) await end();
    await Promise.all(this.#lines.map((line) => line.end()));
    await this.outside.close();
    await this.database.close(1_000);
    await this.#redis.release();
    await this.#fresh.drop();
  }
}

async function loopUntil(signal: AbortSignal, step: () => Promise<unknown>): Promise<void> {
  while (!signal.aborted) {
    await step().catch(() => undefined); // the house closes meanwhile
    await takes(STEP_MS, undefined, { signal }).catch(() => undefined);
  }
}
