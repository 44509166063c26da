import { Database, DatabaseAway, type Sql } from '@nexora/database';
import {
  defineSettings,
  houseSettings,
  loadSettings,
  SettingsError,
  type SettingsSchema,
  type SettingsOf,
} from '@nexora/runtime';
import { cfdiSettings, type CfdiSettings } from '../../cfdi.settings.ts';
import { Issuers } from '../../store/issuers.ts';
import { Usage } from './command.ts';

/** What commands that read the database need to be told. */
const ofDatabase = defineSettings({ DATABASE_URL: houseSettings.DATABASE_URL });

/** What commands that lock keys away need besides. */
const ofIssuers = defineSettings({ ...ofDatabase, CFDI_KEY_ENCRYPTION_KEY: cfdiSettings.CFDI_KEY_ENCRYPTION_KEY });

/** Settings of a command, from the environment. @throws Usage when one is missing or wrong */
export function settingsOf<S extends SettingsSchema>(schema: S): SettingsOf<S> {
  try {
    return loadSettings(schema);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new Usage(`${error.message}\n¿Está encendido el sistema? npm run up -- --detach`);
  }
}

/** Does something with the database that the environment names. @throws Usage when it cannot be reached */
export async function withDatabase<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
  return opened(settingsOf(ofDatabase).DATABASE_URL, work);
}

/** Does something with the issuers of the database that the environment names. @throws Usage */
export async function withIssuers(work: (issuers: Issuers) => Promise<void>): Promise<void> {
  const settings = settingsOf(ofIssuers);
  await opened(settings.DATABASE_URL, (sql) => work(new Issuers(sql, settings as CfdiSettings)));
}

async function opened<T>(url: string, work: (sql: Database) => Promise<T>): Promise<T> {
  try {
    const database = await Database.open({ url, poolSize: 1, applicationName: 'nexora cfdi cli' });
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  } catch (error) {
    if (!(error instanceof DatabaseAway)) throw error;
    const how = 'Revise DATABASE_URL y que el sistema esté encendido (npm run status).';
    throw new Usage(`No se puede usar la base de datos. ${how}`);
  }
}
