import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { serviceVariable } from './services/services.ts';

/** A database of its own for one test file. */
export interface FreshDatabase {
  readonly name: string;
  /** URL of the superuser. */
  readonly url: string;
  /** Drops it, ending whatever is still connected. */
  drop(): Promise<void>;
}

/** Runs statements on the shared server as superuser, database `postgres`, on a connection of its own. */
export async function onServer<T>(work: (client: pg.Client, url: URL) => Promise<T>): Promise<T> {
  const url = new URL(await serviceVariable('NEXORA_TEST_POSTGRES_URL'));
  const client = new pg.Client({ connectionString: url.href });
  client.on('error', () => undefined); // the statement under way rejects with it
  await client.connect();
  try {
    return await work(client, url);
  } finally {
    await client.end();
  }
}

/** Creates a database, as a copy of `template` where one is named. */
export async function createDatabase(template?: string): Promise<FreshDatabase> {
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  return onServer(async (client, server) => {
    // FILE_COPY forces two checkpoints; WAL_LOG (the default where it exists) is quicker for a template of some MB.
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template ?? 'template0'}`);
    const url = new URL(server);
    url.pathname = `/${name}`;
    return { name, url: url.href, drop: () => dropDatabase(name) };
  });
}

/** Drops a database of ours, if it is still there. */
async function dropDatabase(name: string): Promise<void> {
  await onServer((client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
}
