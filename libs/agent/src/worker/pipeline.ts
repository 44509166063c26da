import { Client } from 'pg';
import { driverUrl, type DatabaseSettings, type Statement } from '@nexora/database';
import { StatementGroup } from './statement-group.ts';

/** A statement that waits longer for a lock fails its group and goes alone, so that it holds up nobody. */
const LOCK_WAIT_MS = 50;
/** A connection that nobody needed for this long is closed. */
const IDLE_MS = 10_000;

/** One connection that takes several statements in one packet and commits them together. */
export class Pipeline {
  readonly #client: Client;
  readonly #prepared: boolean;
  readonly #known = new Set<string>();
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
    });
    this.#client.on('error', () => {
      this.#broken = true;
    });
  }

  /** True when the connection is of no use any more. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Resolves after the commit of all. @throws when any of them failed: then none took effect, or nobody knows. */
  async commitTogether(statements: readonly Statement[]): Promise<void> {
    clearTimeout(this.#idle);
    try {
      this.#ready ??= this.#connect();
      await this.#ready;
      const group = new StatementGroup(this.#prepared ? statements : statements.map(unnamed), this.#known);
      this.#client.query(group);
      await group.committed;
    } catch (error) {
      // Which plans the connection keeps is not known after an error: it is closed.
      this.#broken = true;
      throw error;
    }
    this.#idle = setTimeout(() => this.#onIdle(this), IDLE_MS).unref();
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
}

function unnamed({ text, values }: Statement): Statement {
  return values === undefined ? { text } : { text, values };
}
