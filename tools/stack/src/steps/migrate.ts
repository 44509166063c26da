// Roles and migrations, in a process of its own, so that the supervisor stays small. The login comes by
// standard input as JSON; the answer goes to standard output.
import { text } from 'node:stream/consumers';
import { AGENT_ROLE, CLIENT_ROLE, loginOf, migrate, provisionRoles } from '@nexora/database';
import { allMigrations } from '@nexora/testing/owners';

/** What the supervisor asks for. */
export interface MigrateOrder {
  readonly url: string;
  /** Names of the logins (`cfdi`, `client`) and their passwords. */
  readonly passwords: Readonly<Record<string, string>>;
}

/** What it answers. */
export interface MigrateAnswer {
  /** Database role by the name of the login; empty when the given login may not create roles: every app uses it. */
  readonly logins: Readonly<Record<string, string>>;
  readonly ran: readonly string[];
}

const order = JSON.parse(await text(process.stdin)) as MigrateOrder;
const logins = Object.entries(order.passwords).map(([name, password]) => ({
  role: loginOf(name),
  password,
  groups: [name === 'client' ? CLIENT_ROLE : AGENT_ROLE],
}));
const { shared } = await provisionRoles(order.url, logins);
const ran = await migrate(order.url, await allMigrations());
const roles = Object.fromEntries(Object.keys(order.passwords).map((name) => [name, loginOf(name)]));
process.stdout.write(JSON.stringify({ logins: shared ? {} : roles, ran } satisfies MigrateAnswer));
