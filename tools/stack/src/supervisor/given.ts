import { redisCommand } from '@nexora/embedded';
import pg from 'pg';

const ANSWER_WITHIN_MS = 10_000;

/** A server that the settings name cannot be used; the message says which, why, and what to do. */
class ServerAway extends Error {}

/** The URL without a SQLAlchemy driver (`postgresql+psycopg2:`). */
export function plainPostgresUrl(url: string): string {
  return url.replace(/^postgres(ql)?\+\w+:/, 'postgresql:');
}

/** Asks the Postgres of DATABASE_URL one question. @throws ServerAway */
export async function assertPostgres(url: string): Promise<void> {
  const client = new pg.Client({
    connectionString: parsed('DATABASE_URL', url),
    connectionTimeoutMillis: ANSWER_WITHIN_MS,
  });
  client.on('error', () => undefined); // an end in the middle also rejects what is awaited
  try {
    await client.connect();
    await client.query('SELECT 1');
  } catch (error) {
    throw away('Postgres', 'DATABASE_URL', url, error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Asks whether anything answers at REDIS_URL. @throws ServerAway */
export async function assertRedis(url: string): Promise<void> {
  if (!parsed('REDIS_URL', url).startsWith('redis:')) return; // TLS and the like: the apps find out
  try {
    await redisCommand(url, 'PING');
  } catch (error) {
    if (!isOffline(error)) return; // it is there; what it thinks of the login, the apps tell
    throw away('Redis', 'REDIS_URL', url, error);
  }
}

const ADDRESSES = {
  DATABASE_URL: { begins: /^postgres(ql)?:/, example: 'postgresql://user:password@127.0.0.1:5432/business' },
  REDIS_URL: { begins: /^rediss?:/, example: 'redis://:password@127.0.0.1:6379/0' },
} as const;

function parsed(setting: keyof typeof ADDRESSES, url: string): string {
  const { begins, example } = ADDRESSES[setting];
  if (URL.canParse(url) && begins.test(url)) return url;
  throw new ServerAway(
    `${setting} is no address like ${example}. Correct it, or take it away to get a private server.`,
  );
}

/** Never the URL itself: it holds a password. */
function away(what: string, setting: string, url: string, error: unknown): ServerAway {
  const { host, pathname } = new URL(url);
  const why = codeOf(error) ?? (error instanceof Error ? error.message : String(error));
  return new ServerAway(
    `The ${what} that ${setting} names (${host}${pathname}) cannot be used: ${why}. ` +
      `Start it or correct ${setting}; without ${setting} the house gets a private ${what}.`,
  );
}

function isOffline(error: unknown): boolean {
  return codeOf(error) !== null || (error instanceof Error && /does not answer/.test(error.message));
}

/** ECONNREFUSED and its like; Postgres's own refusals have a sentence, which says more than their code. */
function codeOf(error: unknown): string | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^E[A-Z]/.test(code) ? code : null;
}
