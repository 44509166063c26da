import { createHash, createHmac } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AGENT_ROLE, CLIENT_ROLE, CLOCK_ROLE, loginOf, migrate, provisionRoles, type Login } from '@nexora/database';
import type pg from 'pg';
import { createDatabase, onServer, type FreshDatabase } from './databases.ts';
import { allMigrations, appNames, loginNameOf } from './owners.ts';
import { root } from './services/place.ts';

/** A migrated database of its own, with a login per app. */
export interface MigratedDatabase extends FreshDatabase {
  /**
   * URL for the login of an app (`cfdi`, `sync`, `gateway`), of the business application (`client`) or of who may
   * move the clock (`clock`).
   */
  urlFor(app: string): string;
}

/** Any number; held while roles and templates are made. */
const TEMPLATE_LOCK = 74_015_299;

/**
 * A database for one test file: with every migration of the house (a copy of a template that is made anew when the
 * migrations change), or empty.
 */
export async function freshDatabase({ migrated = true }: { migrated?: boolean } = {}): Promise<MigratedDatabase> {
  const database = await createDatabase(migrated ? await template() : undefined);
  const url = new URL(database.url);
  const secret = url.password;
  const urlFor = (app: string) => {
    url.username = loginOf(loginNameOf(app));
    url.password = passwordOf(url.username, secret);
    return url.href;
  };
  return { ...database, urlFor };
}

/** Logins that every migrated database knows; passwords follow from the server's own secret. */
function logins(secret: string): Login[] {
  const groups = { client: [CLIENT_ROLE], clock: [CLOCK_ROLE] };
  const apps = Object.fromEntries(appNames().map((app) => [loginNameOf(app), [AGENT_ROLE]]));
  return Object.entries({ ...apps, ...groups }).map(([name, memberOf]) => {
    const role = loginOf(name);
    return { role, password: passwordOf(role, secret), groups: memberOf };
  });
}

function passwordOf(role: string, secret: string): string {
  return createHmac('sha256', secret).update(role).digest('hex').slice(0, 32);
}

let made: Promise<string> | undefined;

/** Name of the template, made by the first who needs it on this server. */
function template(): Promise<string> {
  made ??= onServer(async (client, server) => {
    const name = `template_${fingerprint()}`;
    await client.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    if (!(await exists(client, name))) await makeTemplate(client, server, name);
    return name;
  });
  return made;
}

async function makeTemplate(client: pg.Client, server: URL, name: string): Promise<void> {
  const unfinished = `${name}_new`;
  await client.query(`DROP DATABASE IF EXISTS ${unfinished} WITH (FORCE)`);
  await client.query(`CREATE DATABASE ${unfinished} TEMPLATE template0`);
  const url = new URL(server);
  url.pathname = `/${unfinished}`;
  await provisionRoles(url.href, logins(server.password));
  await migrate(url.href, await allMigrations());
  await client.query(`ALTER DATABASE ${unfinished} RENAME TO ${name}`);
}

async function exists(client: pg.Client, name: string): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
  return rowCount !== 0;
}

/** Changes with any file that can change the migrated schema. */
function fingerprint(): string {
  const patterns = [
    'libs/{outbox,database}/src/**/*.{ts,sql}',
    'apps/*/src/store/migrations/**/*.{ts,sql}',
    'apps/*/src/**/*.sql.ts',
  ];
  const hash = createHash('sha256').update(appNames().join());
  for (const file of globSync(patterns, { cwd: root }).sort()) {
    if (!file.endsWith('.spec.ts') && existsSync(join(root, file)))
      hash.update(file).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex').slice(0, 16);
}
