import type { ClientBase, Pool } from 'pg';
import { DataSource } from 'typeorm';
import { DatabaseAway, sqlState, translated } from './errors.ts';
import { openListener, type Listener, type ListenerCallbacks } from './listener.ts';
import { quietLogger } from './quiet-logger.ts';
import { driverUrl, type DatabaseSettings } from './settings.ts';
import type { Sql, Statement, Tx } from './sql.ts';
import { driverQuery, inTransaction } from './transaction.ts';

/** A kept plan that no longer fits: the statement is unknown on this connection, or a migration changed its result. */
const STALE_PLAN = new Set(['26000', '0A000']);

/**
 * One process's way to Postgres: a pool under TypeORM's data source. Statements of the hot path go straight to the
 * pool with kept plans; TypeORM serves migrations and plain repositories on the same connections.
 */
export class Database implements Sql {
  /** TypeORM's data source over the same pool. */
  readonly dataSource: DataSource;
  readonly #settings: DatabaseSettings;
  readonly #pool: Pool;
  readonly #prepared: boolean;
  readonly #listeners = new Set<Listener>();

  private constructor(settings: DatabaseSettings, dataSource: DataSource, pool: Pool) {
    this.#settings = settings;
    this.dataSource = dataSource;
    this.#pool = pool;
    this.#prepared = settings.preparedStatements ?? true;
  }

  /**
   * Connects once, so that a wrong address shows at once. Later outages mend themselves.
   * @throws DatabaseAway when Postgres cannot be reached now.
   */
  static async open(settings: DatabaseSettings): Promise<Database> {
    const report = settings.onConnectionError ?? (() => undefined);
    const dataSource = new DataSource({
      type: 'postgres',
      url: driverUrl(settings.url),
      applicationName: settings.applicationName ?? 'nexora',
      poolSize: settings.poolSize ?? 10,
      connectTimeoutMS: settings.connectTimeoutMs ?? 5_000,
      installExtensions: false,
      logger: quietLogger,
      poolErrorHandler: report,
      extra: {
        keepAlive: true,
        keepAliveInitialDelayMillis: 10_000,
        query_timeout: settings.queryTimeoutMs ?? 60_000,
        idleTimeoutMillis: 60_000,
        onConnect: async (client: ClientBase) => {
          // A connection that breaks while a transaction holds it tells so by an event; unheard, it ends the process.
          client.on('error', report);
          await client.query(manners(settings));
        },
      },
    });
    try {
      await dataSource.initialize();
    } catch (error) {
      throw translated(error);
    }
    const pool = Reflect.get(dataSource.driver, 'master') as Pool;
    return new Database(settings, dataSource, pool);
  }

  /** Runs one statement that commits alone. */
  async query<R = unknown>(statement: Statement): Promise<R[]> {
    try {
      const result = await this.#pool.query(driverQuery(statement, this.#prepared));
      return result.rows as R[];
    } catch (error) {
      const state = sqlState(error);
      if (statement.name !== undefined && state !== undefined && STALE_PLAN.has(state)) {
        return this.query<R>({ text: statement.text, ...(statement.values ? { values: statement.values } : {}) });
      }
      throw translated(error);
    }
  }

  /**
   * Runs `fn` in one transaction: commits when it returns, rolls back when it throws.
   * @throws DatabaseAway with `commitUnknown` when the connection broke during COMMIT.
   */
  transaction<T>(fn: (tx: Tx) => Promise<T>): Promise<T> {
    return inTransaction(this.dataSource, this.#prepared, fn);
  }

  /**
   * Listens on a connection of its own, which comes back by itself after an outage. Resolves once it listens.
   * @throws DatabaseAway when the database is closed before that.
   */
  async listen(channels: readonly string[], callbacks: ListenerCallbacks): Promise<Listener> {
    const listener = openListener(this.#settings, channels, callbacks);
    this.#listeners.add(listener);
    await listener.ready;
    return listener;
  }

  /** Asks Postgres for an answer; for health checks. */
  async ping(): Promise<void> {
    await this.query({ text: 'SELECT 1' });
  }

  /**
   * Closes listeners and pool. What still runs is waited for until the deadline, then abandoned.
   * @param deadlineMs Milliseconds; default 5,000.
   */
  async close(deadlineMs = 5_000): Promise<void> {
    const closing = Promise.all([...this.#listeners].map((listener) => listener.close())).then(() =>
      this.dataSource.isInitialized ? this.dataSource.destroy() : undefined,
    );
    await Promise.race([closing, deadline(deadlineMs)]);
  }
}

/**
 * What each session asks of Postgres: to notice within a minute when this process is gone without a word. Asked by a
 * statement, since poolers refuse unknown options of a connection.
 */
function manners({ idleTransactionMs = 60_000 }: DatabaseSettings): string {
  return `SET idle_in_transaction_session_timeout = ${Math.round(idleTransactionMs)};
          SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3`;
}

function deadline(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

/**
 * Opens the database, trying again while Postgres is away: after 100 ms, then twice as long, at most every 5 s.
 * @param onAway Told of each failed attempt.
 * @throws DatabaseAway when `signal` aborts first.
 */
export async function openWhenReachable(
  settings: DatabaseSettings,
  options: { signal?: AbortSignal; onAway?: (error: DatabaseAway) => void } = {},
): Promise<Database> {
  for (let pause = 100; ; pause = Math.min(pause * 2, 5_000)) {
    try {
      return await Database.open(settings);
    } catch (error) {
      if (!(error instanceof DatabaseAway) || options.signal?.aborted === true) throw error;
      options.onAway?.(error);
      await pauseFor(pause, options.signal);
    }
  }
}

function pauseFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done, { once: true });
  });
}
