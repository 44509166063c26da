import { asSchemaOwner, loginOf, type Migrations } from '@nexora/database';
import { begin, tables } from './202611212100-tables.sql.ts';
import { face, own } from './202611212101-face.sql.ts';
import { grants } from './grants.sql.ts';
import { sqlMigration } from './sql-migration.ts';

/** Schema of the license agent and how it is brought up to date. */
export const licenseMigrations: Migrations = {
  schema: 'license',
  role: loginOf('license'),
  migrations: [
    sqlMigration('202611212100', 'license-tables', async (runner) => {
      await runner.query(tables);
      await runner.query(begin);
    }),
    sqlMigration('202611212101', 'license-face', async (runner) => {
      await runner.query(own);
      // The owner of `agents` reads our view on behalf of those who read his.
      await runner.query(grants.toSchemaOwner);
      await asSchemaOwner(runner, 'agents', face);
    }),
  ],
  always: [grants.toRoles],
};
