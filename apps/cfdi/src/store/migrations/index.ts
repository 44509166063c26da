import { formaDelDocumento } from '@nexora/comprobante';
import { asSchemaOwner, loginOf, type Migrations } from '@nexora/database';
import { tables } from './202611211200-tables.sql.ts';
import { submit } from './202611211201-submit.sql.ts';
import { face, views } from './202611211202-views.sql.ts';
import { waiting } from './202611211400-waiting.sql.ts';
import {
  cancelacion,
  cancelacionFace,
  cancelacionFaceGrants,
  cancelacionGrants,
} from './202611211500-cancelacion.sql.ts';
import { rules, rulesFace } from './202611211511-rules.sql.ts';
import { restored, restoredFace, restoredGrants } from './202611211512-restored.sql.ts';
import { keeper, keeperFace } from './202611211520-keeper.sql.ts';
import { months } from './202611211521-months.sql.ts';
import { issuerStyle, issuerStyleFace } from './202611211530-issuer-style.sql.ts';
import { steps } from './202611211550-steps.sql.ts';
import { shape as shapeJudge } from './202611211552-shape.sql.ts';
import { moneda } from './202611211602-moneda.sql.ts';
import { adopt, waitingForLicense } from './202611212050-license.sql.ts';
import { grants } from './grants.sql.ts';
import { sqlMigration } from './sql-migration.ts';

const shape = JSON.stringify(formaDelDocumento()).replaceAll("'", "''");

/** Schema of the CFDI agent and how it is brought up to date. */
export const cfdiMigrations: Migrations = {
  schema: 'cfdi',
  role: loginOf('cfdi'),
  migrations: [
    sqlMigration('202611211200', 'cfdi-tables', async (runner) => void (await runner.query(tables))),
    sqlMigration('202611211201', 'cfdi-submit', async (runner) => void (await runner.query(submit))),
    sqlMigration('202611211202', 'cfdi-views', async (runner) => {
      await runner.query(views);
      // The owner of `agents` reads our views on behalf of those who read his.
      await runner.query(grants.toSchemaOwner);
      await asSchemaOwner(runner, 'agents', face);
    }),
    sqlMigration('202611211400', 'cfdi-waiting', (runner) => asSchemaOwner(runner, 'agents', waiting)),
    sqlMigration('202611211500', 'cfdi-cancelacion', async (runner) => {
      await runner.query(cancelacion);
      await runner.query(cancelacionGrants);
      for (const view of ['cfdi.comprobante_sat', 'cfdi.intentos_de_cancelacion', 'cfdi.timbres_restantes']) {
        await runner.query(grants.viewToSchemaOwner(view));
      }
      await asSchemaOwner(runner, 'agents', [...cancelacionFace, cancelacionFaceGrants]);
    }),
    sqlMigration('202611211511', 'cfdi-rules', async (runner) => {
      await runner.query(rules);
      await runner.query(grants.viewToSchemaOwner('cfdi.historia'));
      await asSchemaOwner(runner, 'agents', rulesFace);
    }),
    sqlMigration('202611211512', 'cfdi-restored', async (runner) => {
      await runner.query(restored);
      await runner.query(restoredGrants);
      await runner.query(grants.viewToSchemaOwner('cfdi.restauraciones'));
      await asSchemaOwner(runner, 'agents', restoredFace);
    }),
    sqlMigration('202611211520', 'cfdi-keeper', async (runner) => {
      await runner.query(keeper);
      for (const view of ['cfdi.csds', 'cfdi.direccion_del_buzon']) {
        await runner.query(grants.viewToSchemaOwner(view));
      }
      await asSchemaOwner(runner, 'agents', keeperFace);
    }),
    sqlMigration('202611211521', 'cfdi-months', async (runner) => void (await runner.query(months))),
    sqlMigration('202611211530', 'cfdi-issuer-style', async (runner) => {
      await runner.query(issuerStyle);
      await asSchemaOwner(runner, 'agents', issuerStyleFace);
    }),
    sqlMigration('202611211550', 'cfdi-steps', async (runner) => void (await runner.query(steps))),
    sqlMigration('202611211552', 'cfdi-shape', async (runner) => void (await runner.query(shapeJudge))),
    sqlMigration('202611211602', 'cfdi-moneda', async (runner) => void (await runner.query(moneda))),
    sqlMigration('202611212050', 'cfdi-license', async (runner) => {
      await runner.query(adopt);
      await asSchemaOwner(runner, 'agents', waitingForLicense);
    }),
  ],
  always: [
    `INSERT INTO cfdi.document_shape (shape) VALUES ('${shape}')
     ON CONFLICT (only_row) DO UPDATE SET shape = excluded.shape WHERE document_shape.shape <> excluded.shape`,
    grants.toRoles,
  ],
};
