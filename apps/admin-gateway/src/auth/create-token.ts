import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { ROLES, type Role } from './roles.ts';

// Free of decorators and frameworks: the command line imports this file as it is.

/** What both a Database, a transaction of ours and a client of `pg` have. */
export interface TokenSql {
  query(statement: { text: string; values: unknown[] }): Promise<unknown>;
}

/** What may be told about a new token besides its role. */
export interface TokenOptions {
  /** What it is for, in the words of its maker; shown in lists and in the audit log. Default `cli`. */
  readonly name?: string;
  /** After so many days it is refused; default 365, at most 3,650. */
  readonly days?: number;
}

/** Marks our tokens in configuration files and secret scanners. */
const PREFIX = 'nxa_';
const DEFAULT_DAYS = 365;
const MAX_DAYS = 3_650;

/**
 * Makes an API token of 256 random bits and stores its SHA-256. The token itself is answered here and nowhere else.
 *
 * @param sql a login that may write the schema `gateway`, already migrated.
 * @throws RangeError for an unknown role, an empty name, or a number of days outside 1 to 3,650.
 */
export async function createToken(sql: TokenSql, role: Role, options: TokenOptions = {}): Promise<string> {
  const { name = 'cli', days = DEFAULT_DAYS } = options;
  if (!ROLES.includes(role)) throw new RangeError(`The role must be one of ${ROLES.join(', ')}.`);
  if (name.trim() === '' || name.length > 100) throw new RangeError('The name must have 1 to 100 characters.');
  if (!(days > 0 && days <= MAX_DAYS)) throw new RangeError(`The days must be more than 0 and at most ${MAX_DAYS}.`);
  const token = PREFIX + randomBytes(32).toString('base64url');
  await sql.query({
    text: `INSERT INTO gateway.token (id, name, role, hash, created_at, expires_at)
           VALUES ($1, $2, $3, $4, agents.now(), agents.now() + $5 * interval '1 day')`,
    values: [randomUUID(), name, role, hashOfToken(token), days],
  });
  return token;
}

/** SHA-256 of a token. A token is 256 random bits, so a slow hash would add nothing. */
export function hashOfToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Whether a text has the form of our tokens; anything else needs no look-up. */
export function looksLikeToken(text: string): boolean {
  return /^nxa_[A-Za-z0-9_-]{43}$/.test(text);
}
