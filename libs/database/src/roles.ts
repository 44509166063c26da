import { Client, type ClientBase } from 'pg';
import { sqlState, translated } from './errors.ts';
import { driverUrl } from './settings.ts';

/** Group that owns the schema `agents`. */
export const OWNER_ROLE = 'nexora_owner';
/** Group of all app logins: what every agent may call. */
export const AGENT_ROLE = 'nexora_agent';
/** Group of the business application's logins. */
export const CLIENT_ROLE = 'agents_client';
/** Group that may move the house's clock: tests and the sandbox. */
export const CLOCK_ROLE = 'nexora_clock';

/** Login of an app: `nexora_<app>`, hyphens as underscores; the admin gateway is the gateway. */
export function loginOf(app: string): string {
  return `nexora_${app.replace(/^admin-/, '').replaceAll('-', '_')}`;
}

/** A login that shall exist afterwards. */
export interface Login {
  readonly role: string;
  /** Left out: an existing password stays, a new login gets none. */
  readonly password?: string;
  /** Groups that it belongs to, for instance `agents_client`. */
  readonly groups?: readonly string[];
}

/** What provisioning came to. */
export interface Provisioned {
  /** True when the given login may not create roles: then every app uses that login, and owns everything. */
  readonly shared: boolean;
}

/**
 * Creates the groups and logins of the house, or mends them; may be repeated, and called for several databases of one
 * server at once. Run it before `migrate`, so that what the migrations make belongs to the right role.
 * @throws DatabaseAway when Postgres cannot be reached.
 */
export async function provisionRoles(adminUrl: string, logins: readonly Login[]): Promise<Provisioned> {
  const admin = new Client({ connectionString: driverUrl(adminUrl), application_name: 'nexora roles' });
  admin.on('error', () => undefined); // the pending query tells the same by its rejection
  try {
    await admin.connect();
    if (!(await mayCreateRoles(admin))) return { shared: true };
    for (const group of [OWNER_ROLE, AGENT_ROLE, CLIENT_ROLE, CLOCK_ROLE])
      await ensureRole(admin, { role: group }, false);
    await ensureMember(admin, OWNER_ROLE, undefined);
    for (const login of logins) await ensureLogin(admin, login);
    return { shared: false };
  } catch (error) {
    throw translated(error);
  } finally {
    await admin.end();
  }
}

async function mayCreateRoles(admin: ClientBase): Promise<boolean> {
  const { rows } = await admin.query<{ may: boolean }>(
    'SELECT rolcreaterole OR rolsuper AS may FROM pg_roles WHERE rolname = current_user',
  );
  return rows[0]?.may === true;
}

async function ensureLogin(admin: ClientBase, login: Login): Promise<void> {
  await ensureRole(admin, login, true);
  await ensureMember(admin, login.role, undefined);
  for (const group of login.groups ?? []) await ensureMember(admin, group, login.role);
}

async function ensureRole(admin: ClientBase, { role, password }: Login, login: boolean): Promise<void> {
  const name = admin.escapeIdentifier(role);
  const found = await admin.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  // Another database of the same server may be provisioned at this moment: the role is there then as well.
  if (found.rowCount === 0)
    await tolerating(admin, ['42710', '23505'], `CREATE ROLE ${name} ${login ? 'LOGIN' : 'NOLOGIN'}`);
  if (password !== undefined)
    await settled(admin, `ALTER ROLE ${name} LOGIN PASSWORD ${admin.escapeLiteral(password)}`);
}

/** Makes `member` (left out: the given login itself) a member of the group. */
async function ensureMember(admin: ClientBase, group: string, member: string | undefined): Promise<void> {
  const found = await admin.query(
    `SELECT FROM pg_roles WHERE rolname = $1 AND pg_has_role(coalesce($2, current_user)::name, oid, ${await mayTake(admin)})`,
    [group, member ?? null],
  );
  if (found.rowCount !== 0) return;
  const to = member === undefined ? 'CURRENT_USER' : admin.escapeIdentifier(member);
  await settled(admin, `GRANT ${admin.escapeIdentifier(group)} TO ${to}`);
}

async function tolerating(admin: ClientBase, states: readonly string[], statement: string): Promise<void> {
  try {
    await admin.query(statement);
  } catch (error) {
    if (!states.includes(sqlState(error) ?? '')) throw error;
  }
}

/** Two sessions that change the same role at once collide with XX000 "tuple concurrently updated"; again then. */
async function settled(admin: ClientBase, statement: string): Promise<void> {
  for (let left = 10; ; left -= 1) {
    try {
      await admin.query(statement);
      return;
    } catch (error) {
      const collided = ['XX000', '23505'].includes(sqlState(error) ?? '');
      if (!collided || left === 0) throw error;
    }
  }
}

/** The role when it exists and this login may take it; undefined otherwise, and then the login itself owns. */
export async function existingRole(admin: ClientBase, role: string): Promise<string | undefined> {
  const { rowCount } = await admin.query(
    `SELECT FROM pg_roles WHERE rolname = $1 AND pg_has_role(current_user, oid, ${await mayTake(admin)})`,
    [role],
  );
  return rowCount === 0 ? undefined : role;
}

/** Since Postgres 16 a member need not be allowed to take the role; before, every member was. */
async function mayTake(admin: ClientBase): Promise<string> {
  const { rows } = await admin.query<{ version: number }>(
    `SELECT current_setting('server_version_num')::int AS version`,
  );
  return (rows[0]?.version ?? 0) >= 160_000 ? `'SET'` : `'MEMBER'`;
}
