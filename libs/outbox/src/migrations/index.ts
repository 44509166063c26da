import { OWNER_ROLE, type Migrations } from '@nexora/database';
import { tables } from './202611211000-tables.sql.ts';
import { timeAndAccess } from './202611211001-time-and-access.sql.ts';
import { enqueue } from './202611211002-enqueue.sql.ts';
import { claim } from './202611211003-claim.sql.ts';
import { complete } from './202611211004-complete.sql.ts';
import { workers } from './202611211005-workers.sql.ts';
import { control } from './202611211006-control.sql.ts';
import { connectivity } from './202611211007-connectivity.sql.ts';
import { schedules } from './202611211008-schedules.sql.ts';
import { declare } from './202611211009-declare.sql.ts';
import { maintain } from './202611211010-maintain.sql.ts';
import { views } from './202611211011-views.sql.ts';
import { grants } from './202611211012-grants.sql.ts';
import { telling } from './202611211100-telling.sql.ts';
import { lineReturns } from './202611211510-line-returns.sql.ts';
import { license } from './202611212000-license.sql.ts';
import { audit } from './202611212010-audit.sql.ts';
import { waitsForLicense } from './202611212020-waits-for.sql.ts';
import { watch } from './202611212200-watch.sql.ts';
import { sqlMigration } from './sql-migration.ts';

/** Schema of the ledger and how it is brought up to date; first of all owners. */
export const ledgerMigrations: Migrations = {
  schema: 'agents',
  role: OWNER_ROLE,
  migrations: [
    sqlMigration('202611211000', 'ledger-tables', tables),
    sqlMigration('202611211001', 'ledger-time-and-access', timeAndAccess),
    sqlMigration('202611211002', 'ledger-enqueue', enqueue),
    sqlMigration('202611211003', 'ledger-claim', claim),
    sqlMigration('202611211004', 'ledger-complete', complete),
    sqlMigration('202611211005', 'ledger-workers', workers),
    sqlMigration('202611211006', 'ledger-control', control),
    sqlMigration('202611211007', 'ledger-connectivity', connectivity),
    sqlMigration('202611211008', 'ledger-schedules', schedules),
    sqlMigration('202611211009', 'ledger-declare', declare),
    sqlMigration('202611211010', 'ledger-maintain', maintain),
    sqlMigration('202611211011', 'ledger-views', views),
    sqlMigration('202611211012', 'ledger-grants', grants),
    sqlMigration('202611211100', 'ledger-telling', telling),
    sqlMigration('202611211510', 'ledger-line-returns', lineReturns),
    sqlMigration('202611212000', 'ledger-license', license),
    sqlMigration('202611212010', 'ledger-audit', audit),
    sqlMigration('202611212020', 'ledger-waits-for-license', waitsForLicense),
    sqlMigration('202611212200', 'ledger-watch', watch),
  ],
  always: ['SELECT agents.apply_grants()', 'SELECT agents.maintain()'],
};
