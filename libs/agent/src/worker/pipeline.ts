import { Client } from 'pg';
import { driverUrl, type DatabaseSettings, type Statement } from '@nexora/database';

/** A statement that waits longer for a lock fails its group and goes alone, so that it holds up nobody. */
const LOCK_WAIT_MS = 50;
/** A connection that nobody needed for this long is closed. */
const IDLE_MS = 10_000;

/** One connection that takes several statements in one packet and commits them together. */
export class Pipeline {
  readonly #client: Client;
  readonly #prepared: boolean;
  readonly #onIdle: (pipeline: Pipeline) => void;
  #ready: Promise<void> | undefined;
  #idle: NodeJS.Timeout | undefined;
  #broken = false;

  constructor(settings: DatabaseSettings, onIdle: (pipeline: Pipeline) => void) {
    this.#prepared = settings.preparedStatements ?? true;
    this.#onIdle = onIdle;
    this.#client = new Client({
      connectionString: driverUrl(settings.url),
      application_name: `${settings.applicationName ?? 'nexora'} finishes`,
      connectionTimeoutMillis: settings.connectTimeoutMs ?? 5_000,
      query_timeout: 10_000,
      keepAlive: true,
      pipeline: true,
    });
    this.#client.on('error', () => {
      this.#broken = true;
    });
  }

  /** True when the connection is of no use any more. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Answers the rows of each statement after the commit of all. @throws when any of them failed: then none took effect. */
  async commitTogether(statements: readonly Statement[]): Promise<unknown[][]> {
    clearTimeout(this.#idle);
    this.#ready ??= this.#connect();
    await this.#ready.catch((error: unknown) => this.#give(error));
    const outcomes = await Promise.allSettled(this.#send(statements));
    if (outcomes.at(-1)?.status === 'rejected') this.#broken = true;
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    this.#idle = setTimeout(() => this.#onIdle(this), IDLE_MS).unref();
    return outcomes
      .slice(1, -1)
      .map((outcome) => (outcome.status === 'fulfilled' ? (outcome.value.rows as unknown[]) : []));
  }

  /** Everything in one packet: a write per statement would cost as much as the statement. */
  #send(statements: readonly Statement[]) {
    const { stream } = this.#client.connection;
    stream.cork();
    try {
      return [
        this.#client.query('BEGIN'),
        ...statements.map((statement) => this.#client.query(this.#form(statement))),
        this.#client.query('COMMIT'),
      ];
    } finally {
      stream.uncork();
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    this.#broken = true;
    await this.#client.end();
  }

  async #connect(): Promise<void> {
    await this.#client.connect();
    await this.#client.query(`SET lock_timeout = ${LOCK_WAIT_MS}`);
  }

  #give(error: unknown): never {
    this.#broken = true;
    throw error;
  }

  #form({ text, values = [], name }: Statement) {
    return { text, values: [...values], ...(this.#prepared && name !== undefined ? { name } : {}) };
  }
}
