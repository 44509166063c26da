import { Database, DatabaseAway, sqlState } from '@nexora/database';
import { Refused } from '@nexora/licensing';
import { defineSettings, houseSettings, loadSettings, SettingsError, type SettingsOf } from '@nexora/runtime';
import { LicenseDesk } from '../../desk.ts';
import { licenseSettings } from '../../license.settings.ts';
import { PortalFailed } from '../../portal/portal-failed.ts';
import { NotDone } from './command.ts';

const schema = defineSettings({ DATABASE_URL: houseSettings.DATABASE_URL, ...licenseSettings });

const DOWN = 'El sistema no está encendido. Enciéndalo con: npm run up -- --detach';

/** Undefined table, schema or function: the house has not been migrated to this version. */
const NOT_MIGRATED: ReadonlySet<string | undefined> = new Set(['42P01', '3F000', '42883']);

/**
 * Does something at the licence desk of the house that the environment names.
 * @throws NotDone when the house is down, refuses, or the portal does; in Spanish
 */
export async function withDesk<T>(work: (desk: LicenseDesk) => Promise<T>): Promise<T> {
  const settings = settingsOrDown();
  try {
    const database = await Database.open({
      url: settings.DATABASE_URL,
      poolSize: 2,
      applicationName: 'nexora license cli',
    });
    try {
      return await work(LicenseDesk.over(database, settings));
    } finally {
      await database.close();
    }
  } catch (error) {
    throw asNotDone(error);
  }
}

function settingsOrDown(): SettingsOf<typeof schema> {
  try {
    return loadSettings(schema);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const isDown = error.mistakes.some(({ name, fault }) => name === 'DATABASE_URL' && fault === 'is not set');
    throw new NotDone(isDown ? DOWN : error.message);
  }
}

/** What an error means to the caller; one that means nothing to him is ours, and stays what it is. */
function asNotDone(error: unknown): unknown {
  if (error instanceof Refused || error instanceof PortalFailed) return new NotDone(error.es);
  if (error instanceof DatabaseAway) {
    return new NotDone('No se puede usar la base de datos. Revise que el sistema esté encendido: npm run status');
  }
  if (NOT_MIGRATED.has(sqlState(error))) {
    return new NotDone('La base de datos aún no conoce la licencia. Enciéndalo una vez con: npm run up -- --detach');
  }
  return error;
}
