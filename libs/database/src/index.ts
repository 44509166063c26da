export { Database, openWhenReachable } from './database.ts';
export { DatabaseAway, awayReason, isPassing, sqlState } from './errors.ts';
export type { Listener, ListenerCallbacks } from './listener.ts';
export { MIGRATIONS_TABLE, asSchemaOwner, migrate, type Migrations } from './migrate.ts';
export {
  AGENT_ROLE,
  CLIENT_ROLE,
  CLOCK_ROLE,
  OWNER_ROLE,
  loginOf,
  provisionRoles,
  type Login,
  type Provisioned,
} from './roles.ts';
export { driverUrl, type DatabaseSettings } from './settings.ts';
export type { Sql, Statement, Tx } from './sql.ts';
