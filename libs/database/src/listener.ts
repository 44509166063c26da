import { Client } from 'pg';
import { DatabaseAway, translated } from './errors.ts';
import { driverUrl, type DatabaseSettings } from './settings.ts';
import type { Sql, Statement } from './sql.ts';
import { driverQuery } from './transaction.ts';

/** What a listener tells. The callbacks must not throw. */
export interface ListenerCallbacks {
  readonly onNotify: (channel: string, payload: string) => void;
  /** It listens again after an outage. What was notified meanwhile is lost: look for yourself. */
  readonly onReconnect?: () => void;
  /** The connection is lost; it is being opened again. */
  readonly onLost?: (error: unknown) => void;
  /** Milliseconds between two heartbeat queries; default 5,000. */
  readonly heartbeatMs?: number;
  /** Milliseconds after which an unanswered query shows that the connection is dead; default 10,000. */
  readonly answerMs?: number;
}

/** A connection that does nothing but listen; statements that must run on that very session may share it. */
export interface Listener extends Sql {
  /** Resolves when it listens for the first time. */
  readonly ready: Promise<void>;
  /** True while the connection stands. */
  readonly connected: boolean;
  close(): Promise<void>;
}

const FIRST_PAUSE_MS = 50;
/** A listener that waits longer than this after Postgres is back would be slower than the poll beside it. */
const LONGEST_PAUSE_MS = 1_000;

class ReconnectingListener implements Listener {
  readonly ready: Promise<void>;
  readonly #settings: DatabaseSettings;
  readonly #channels: readonly string[];
  readonly #callbacks: ListenerCallbacks;
  #client: Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #heard = false;
  #pause = FIRST_PAUSE_MS;
  #resolveReady: () => void = () => undefined;
  #rejectReady: (error: unknown) => void = () => undefined;

  constructor(settings: DatabaseSettings, channels: readonly string[], callbacks: ListenerCallbacks) {
    this.#settings = settings;
    this.#channels = channels;
    this.#callbacks = callbacks;
    this.ready = new Promise((resolve, reject) => {
      this.#resolveReady = resolve;
      this.#rejectReady = reject;
    });
    void this.#connect();
  }

  get connected(): boolean {
    return this.#client !== undefined;
  }

  async query<R = unknown>(statement: Statement): Promise<R[]> {
    if (this.#client === undefined) throw new DatabaseAway('the listener is not connected');
    try {
      const result = await this.#client.query(driverQuery(statement, this.#settings.preparedStatements ?? true));
      return result.rows as R[];
    } catch (error) {
      throw translated(error);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = undefined;
    if (!this.#heard) this.#rejectReady(new DatabaseAway('closed before it listened'));
    if (client !== undefined) await end(client);
  }

  async #connect(): Promise<void> {
    const client = new Client({
      connectionString: driverUrl(this.#settings.url),
      application_name: `${this.#settings.applicationName ?? 'nexora'} listener`,
      connectionTimeoutMillis: this.#settings.connectTimeoutMs ?? 5_000,
      query_timeout: this.#callbacks.answerMs ?? 10_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    client.on('notification', (message) => this.#callbacks.onNotify(message.channel, message.payload ?? ''));
    client.on('error', (error) => this.#lost(client, error));
    client.on('end', () => this.#lost(client, new DatabaseAway('connection ended')));
    try {
      await client.connect();
      for (const channel of this.#channels) await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
    } catch (error) {
      await end(client);
      this.#retry(error);
      return;
    }
    if (this.#closed) return end(client);
    this.#established(client);
  }

  #established(client: Client): void {
    this.#client = client;
    this.#pause = FIRST_PAUSE_MS;
    this.#scheduleHeartbeat(client);
    if (this.#heard) this.#callbacks.onReconnect?.();
    this.#heard = true;
    this.#resolveReady();
  }

  /** A half-open connection delivers nothing and says nothing; only a query that stays unanswered shows it. */
  #scheduleHeartbeat(client: Client): void {
    this.#timer = setTimeout(() => {
      client.query('SELECT 1').then(
        () => {
          if (this.#client === client) this.#scheduleHeartbeat(client);
        },
        (error: unknown) => this.#lost(client, error),
      );
    }, this.#callbacks.heartbeatMs ?? 5_000);
    this.#timer.unref();
  }

  #lost(client: Client, error: unknown): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    clearTimeout(this.#timer);
    void end(client);
    this.#retry(error);
  }

  #retry(error: unknown): void {
    if (this.#closed) return;
    this.#callbacks.onLost?.(translated(error));
    this.#timer = setTimeout(() => void this.#connect(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
  }
}

/** Ends a connection without waiting for a peer that does not answer. */
async function end(client: Client): Promise<void> {
  const socket: unknown = Reflect.get(client, 'connection');
  const timer = setTimeout(() => destroy(socket), 500);
  try {
    await client.end();
  } catch {
    destroy(socket);
  } finally {
    clearTimeout(timer);
  }
}

function destroy(connection: unknown): void {
  if (typeof connection !== 'object' || connection === null) return;
  const stream: unknown = Reflect.get(connection, 'stream');
  if (typeof stream === 'object' && stream !== null && 'destroy' in stream && typeof stream.destroy === 'function') {
    (stream.destroy as () => void)();
  }
}

/** Opens a listener; see `Database.listen`. */
export function openListener(
  settings: DatabaseSettings,
  channels: readonly string[],
  callbacks: ListenerCallbacks,
): Listener {
  return new ReconnectingListener(settings, channels, callbacks);
}
