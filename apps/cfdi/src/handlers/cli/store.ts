import { Database } from '@nexora/database';
import { defineSettings, houseSettings, loadSettings } from '@nexora/runtime';
import { cfdiSettings, type CfdiSettings } from '../../cfdi.settings.ts';
import { Issuers } from '../../store/issuers.ts';

/** What commands that write to the database need to be told. */
const needed = defineSettings({
  DATABASE_URL: houseSettings.DATABASE_URL,
  CFDI_KEY_ENCRYPTION_KEY: cfdiSettings.CFDI_KEY_ENCRYPTION_KEY,
});

/** Does something with the issuers of the database that the environment names. @throws SettingsError */
export async function withIssuers(work: (issuers: Issuers) => Promise<void>): Promise<void> {
  const settings = loadSettings(needed);
  const database = await Database.open({ url: settings.DATABASE_URL, poolSize: 1, applicationName: 'nexora cfdi cli' });
  try {
    await work(new Issuers(database, settings as CfdiSettings));
  } finally {
    await database.close();
  }
}
