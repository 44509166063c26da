import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import {
  refOf,
  startPostgres,
  startRedis,
  type EmbeddedPostgres,
  type EmbeddedRedis,
  type ProcessRef,
  type Say,
} from '@nexora/embedded';
import pg from 'pg';
import type { Home } from '../home.ts';
import { RestartWaits } from './backoff.ts';
import { assertPostgres, assertRedis, plainPostgresUrl } from './given.ts';
import type { LogFile } from './log-file.ts';

/** Database of the business in a private Postgres. */
const DATABASE = 'nexora';

/** A service of the house, private or given. */
export interface Service {
  readonly url: string;
  /** The private server's process; null for a given one, and while it is down. */
  readonly ref: ProcessRef | null;
  /** Whether the settings named it. */
  readonly given: boolean;
  stop(): Promise<void>;
}

/** What a service tells and where it logs. */
export interface ServiceParts {
  readonly home: Home;
  readonly log: LogFile;
  readonly say: Say;
  /** Called when the server came back under a new process id, or went down (null). */
  readonly onChange: () => void;
}

/** Postgres: the one that DATABASE_URL names, else a private one with a database `nexora`. */
export async function openPostgres(parts: ServiceParts): Promise<Service> {
  const given = process.env['DATABASE_URL'];
  if (given) {
    const url = plainPostgresUrl(given);
    await assertPostgres(url);
    return givenService(url);
  }
  const server = await startPostgres({
    dataDir: parts.home.file('postgres'),
    say: parts.say,
    onOutput: (piece) => parts.log.write(piece),
  });
  await makeDatabase(server);
  return keepUp('postgres', server, server.urlOf(DATABASE), () => server.stop('fast'), parts);
}

/** Redis: the one that REDIS_URL names, else a private one. */
export async function openRedis(parts: ServiceParts): Promise<Service> {
  const given = process.env['REDIS_URL'];
  if (given) {
    await assertRedis(given);
    return givenService(given);
  }
  const server = await startRedis({
    dir: parts.home.file('redis'),
    say: parts.say,
    onOutput: (piece) => parts.log.write(piece),
  });
  return keepUp('redis', server, server.url, () => server.stop(), parts);
}

/** Object storage: the S3 server that S3_ENDPOINT names, the URL that STORAGE_URL gives, else a directory. */
export function storageUrl(home: Home): string {
  const { S3_ENDPOINT: endpoint, S3_BUCKET: bucket, STORAGE_URL: given } = process.env;
  if (endpoint) return `s3://${new URL(endpoint).host}/${bucket ?? ''}`;
  return given || pathToFileURL(home.file('objects')).href;
}

function givenService(url: string): Service {
  return { url, ref: null, given: true, stop: () => Promise.resolve() };
}

async function makeDatabase(server: EmbeddedPostgres): Promise<void> {
  const client = new pg.Client({ connectionString: server.adminUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE} TEMPLATE template0`);
  } finally {
    await client.end();
  }
}

/** Starts the server again whenever it ends by itself, on the same port: the apps reconnect. */
function keepUp(
  name: string,
  server: EmbeddedPostgres | EmbeddedRedis,
  url: string,
  end: () => Promise<void>,
  parts: ServiceParts,
): Service {
  const stopping = new AbortController();
  let restarting: Promise<void> = Promise.resolve();
  const watch = async () => {
    const waits = new RestartWaits();
    for (let from = performance.now(); ; from = performance.now()) {
      await server.exited;
      if (stopping.signal.aborted) return;
      parts.say(`${name} ended by itself; starting it again. npm run logs -- ${name}`);
      parts.onChange();
      await delay(waits.after(performance.now() - from), undefined, { signal: stopping.signal });
      restarting = server.restart().catch((error: unknown) => parts.say(String(error)));
      await restarting;
      parts.onChange();
    }
  };
  const watching = watch().catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error;
  });
  return {
    url,
    given: false,
    get ref() {
      return server.running ? refOf(server.pid) : null;
    },
    stop: async () => {
      stopping.abort();
      await restarting;
      await end();
      await watching;
    },
  };
}
