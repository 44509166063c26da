// Roles and migrations, in a process of its own, so that the supervisor stays small. The login comes by
// standard input as JSON; the answer goes to standard output.
import { text } from 'node:stream/consumers';
import { AGENT_ROLE, CLIENT_ROLE, loginOf, migrate, provisionRoles } from '@nexora/database';
import { allMigrations } from '@nexora/testing/owners';
import { CLIENT } from '../supervisor/environment.ts';
import type { MigrateAnswer, MigrateOrder } from './migrate-order.ts';

const order = JSON.parse(await text(process.stdin)) as MigrateOrder;
const logins = Object.entries(order.passwords).map(([name, password]) => ({
  role: loginOf(name),
  password,
  groups: [name === CLIENT ? CLIENT_ROLE : AGENT_ROLE],
}));
const { shared } = await provisionRoles(order.url, logins);
const ran = await migrate(order.url, await allMigrations());
const roles = Object.fromEntries(Object.keys(order.passwords).map((name) => [name, loginOf(name)]));
process.stdout.write(JSON.stringify({ logins: shared ? {} : roles, ran } satisfies MigrateAnswer));
