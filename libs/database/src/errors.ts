/** Postgres cannot be reached, went away in mid-statement, or is starting up or shutting down. Trying again may help. */
export class DatabaseAway extends Error {
  override readonly name = 'DatabaseAway';
  /** SQLSTATE or the system's error code, for instance `57P01` or `ECONNREFUSED`. */
  readonly reason: string;
  /** True when the connection broke while COMMIT was on its way: nobody knows whether it took effect. */
  readonly commitUnknown: boolean;

  constructor(reason: string, options: { cause?: unknown; commitUnknown?: boolean } = {}) {
    super(`Postgres cannot be reached (${reason}). Check that it runs and that DATABASE_URL names it.`, {
      cause: options.cause,
    });
    this.reason = reason;
    this.commitUnknown = options.commitUnknown ?? false;
  }
}

/** Connection exceptions (08), operator intervention (57P), "too many clients", and a transaction that stood still. */
const AWAY_STATES = /^(08...|57P0[1-5]|53300|25P03)$/;
/**
 * Nothing is wrong with the statement, only with the moment: disk full, memory or connections used up (53), read-only
 * after a failover, lost against another transaction (40001, 40P01), operator intervention (57P).
 */
const PASSING_STATES = /^(53...|25006|40001|40P01|57P0.)$/;
const AWAY_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);
/** The driver tells these by sentence only. */
const AWAY_SENTENCES =
  /Connection terminated|Client has encountered a connection error|timeout (expired|exceeded when trying to connect)|Query read timeout|Client was closed and is not queryable|Cannot use a pool after calling end|Driver not Connected|QueryRunner.*released/i;

function field(error: unknown, name: 'code' | 'message' | 'driverError'): unknown {
  return typeof error === 'object' && error !== null && name in error
    ? (error as Record<string, unknown>)[name]
    : undefined;
}

/** The driver's own error inside what TypeORM threw; anything else as it is. */
function driverError(error: unknown): unknown {
  return field(error, 'driverError') ?? error;
}

/** SQLSTATE of an error that Postgres answered, for instance `23505` or `NX020`; otherwise undefined. */
export function sqlState(error: unknown): string | undefined {
  const code = field(driverError(error), 'code');
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** The reason why Postgres counts as away, or undefined when the error is another one. */
export function awayReason(error: unknown): string | undefined {
  const cause = driverError(error);
  const code = field(cause, 'code');
  if (typeof code === 'string' && (AWAY_CODES.has(code) || AWAY_STATES.test(code))) return code;
  const message = field(cause, 'message');
  return typeof code !== 'string' && typeof message === 'string' && AWAY_SENTENCES.test(message)
    ? 'connection lost'
    : undefined;
}

/**
 * True when the same statement may well be taken later: Postgres is away, or has refused it for a reason of the moment.
 * For statements of the house's own that must be told in the end; a handler's statements go by its retry policy.
 */
export function isPassing(error: unknown): boolean {
  return error instanceof DatabaseAway || PASSING_STATES.test(sqlState(error) ?? '') || awayReason(error) !== undefined;
}

/** Turns a driver's error into ours: `DatabaseAway` where Postgres is away, otherwise the driver's own error. */
export function translated(error: unknown, commitUnknown = false): unknown {
  if (error instanceof DatabaseAway) return error;
  const cause = driverError(error);
  const reason = awayReason(cause);
  return reason === undefined ? cause : new DatabaseAway(reason, { cause, commitUnknown });
}
