/** How a process reaches Postgres. */
export interface DatabaseSettings {
  /** `postgresql://user:password@host:port/name`. A SQLAlchemy suffix (`postgresql+psycopg2://`) is accepted. */
  readonly url: string;
  /** Shown in `pg_stat_activity`; the agent's name. */
  readonly applicationName?: string;
  /** Connections at most; default 10. A listener has one more. */
  readonly poolSize?: number;
  /** False behind a pooler in transaction mode that cannot keep prepared statements; default true. */
  readonly preparedStatements?: boolean;
  /** Milliseconds after which a connection attempt counts as failed; default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds after which an unanswered statement counts as lost with its connection; default 60,000. */
  readonly queryTimeoutMs?: number;
  /**
   * Milliseconds after which Postgres ends a transaction in which nothing happens; default 60,000. A process that died
   * without a word would keep its locks for hours otherwise.
   */
  readonly idleTransactionMs?: number;
  /** Told of connections that broke while nobody used them; the pool replaces them by itself. */
  readonly onConnectionError?: (error: Error) => void;
}

/** The same address for the driver: without the suffix by which SQLAlchemy names its own driver. */
export function driverUrl(url: string): string {
  return url.replace(/^(postgres(?:ql)?)\+[a-z0-9_]+:/i, '$1:');
}
