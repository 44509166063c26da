import { Client } from 'pg';
import { DataSource, type MigrationInterface, type QueryRunner } from 'typeorm';
import { translated } from './errors.ts';
import { quietLogger } from './quiet-logger.ts';
import { existingRole } from './roles.ts';
import { driverUrl } from './settings.ts';

/** The migrations of one owner: a library or an app. They run as the owner's role and stand in its own schema. */
export interface Migrations {
  /** Schema that the owner owns, for instance `agents` or `cfdi`. Created when missing. */
  readonly schema: string;
  /** Role that shall own what the migrations make; used where it exists and the given login may take it. */
  readonly role: string;
  /** TypeORM migrations, oldest first; each runs in a transaction of its own, once per database. */
  readonly migrations: readonly (new () => MigrationInterface)[];
  /** Statements that run after every migration run, also when nothing was new: grants that depend on roles. */
  readonly always?: readonly string[];
}

/** Name of the table, one per schema, that remembers which migrations ran. */
export const MIGRATIONS_TABLE = 'agents_migrations';

/** Any number; the same in all processes, so that only one of them migrates a database at a time. */
const MIGRATION_LOCK = 74_015_201;

/**
 * Brings a database up to date, owner by owner in the given order. Several processes may call it at once: one works,
 * the others wait and find nothing left to do.
 * @param adminUrl A login that may create schemas in this database: its owner or a superuser.
 * @returns Names of the migrations that ran.
 * @throws DatabaseAway when Postgres cannot be reached.
 */
export async function migrate(adminUrl: string, owners: readonly Migrations[]): Promise<string[]> {
  const admin = new Client({ connectionString: driverUrl(adminUrl), application_name: 'nexora migrate' });
  admin.on('error', () => undefined); // the pending query tells the same by its rejection
  try {
    await admin.connect();
    await admin.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const done: string[] = [];
    for (const owner of owners) done.push(...(await migrateOwner(admin, adminUrl, owner)));
    return done;
  } catch (error) {
    throw translated(error);
  } finally {
    await admin.end();
  }
}

async function migrateOwner(admin: Client, adminUrl: string, owner: Migrations): Promise<string[]> {
  const role = await existingRole(admin, owner.role);
  const schema = admin.escapeIdentifier(owner.schema);
  const authorization = role === undefined ? '' : ` AUTHORIZATION ${admin.escapeIdentifier(role)}`;
  await admin.query(`CREATE SCHEMA IF NOT EXISTS ${schema}${authorization}`);
  const source = new DataSource({
    type: 'postgres',
    url: driverUrl(adminUrl),
    applicationName: 'nexora migrate',
    schema: owner.schema,
    migrationsTableName: MIGRATIONS_TABLE,
    migrations: [...owner.migrations],
    installExtensions: false,
    logger: quietLogger,
    poolSize: 1,
    // A migration that cannot get its lock must not make the whole shop wait behind it.
    extra: { options: `-c lock_timeout=30s${role === undefined ? '' : ` -c role=${role}`}` },
  });
  await source.initialize();
  try {
    const ran = await source.runMigrations({ transaction: 'each' });
    for (const statement of owner.always ?? []) await source.query(statement);
    return ran.map((migration) => migration.name);
  } finally {
    await source.destroy();
  }
}

/**
 * Inside a migration: runs statements as the owner of another schema, for instance to put a view of an app's own
 * tables into `agents`. The migrating login must be allowed to take that role.
 */
export async function asSchemaOwner(runner: QueryRunner, schema: string, statements: readonly string[]): Promise<void> {
  const [row] = (await runner.query(
    `SELECT quote_ident(pg_get_userbyid(nspowner)) AS owner, quote_ident(current_user) AS self
       FROM pg_namespace WHERE nspname = $1`,
    [schema],
  )) as { owner: string; self: string }[];
  if (row === undefined) throw new Error(`There is no schema "${schema}"; run the migrations of its owner first.`);
  await runner.query(`SET LOCAL ROLE ${row.owner}`);
  for (const statement of statements) await runner.query(statement);
  await runner.query(`SET LOCAL ROLE ${row.self}`);
}
