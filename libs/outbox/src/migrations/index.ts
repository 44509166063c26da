import { OWNER_ROLE, type Migrations } from '@nexora/database';

/** Schema of the ledger and how it is brought up to date; first of all owners. */
export const ledgerMigrations: Migrations = {
  schema: 'agents',
  role: OWNER_ROLE,
  migrations: [],
};
