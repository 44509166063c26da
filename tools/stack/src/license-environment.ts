import { isAlive } from '@nexora/embedded';
import type { Home } from './home.ts';
import { readStateOfThisBoot } from './state.ts';
import { environmentOf } from './supervisor/environment.ts';
import { plainPostgresUrl } from './supervisor/given.ts';
import { licenseSettingsIn, licenseSettingsOver } from './supervisor/license-settings.ts';

/**
 * Environment of the license agent's command line: that of the caller, and what is missing in it from the house that is
 * up, so that both decide by the same keys. Whoever names another database means another house, and gets nothing of
 * this one but the folder that an agent of this clone would take.
 */
export function licenseEnvironment(given: NodeJS.ProcessEnv, home: Home): NodeJS.ProcessEnv {
  const settings = licenseSettingsOver(licenseSettingsIn(given), { LICENSE_DIR: home.file('license') });
  const alone = { ...given, ...settings };
  const state = readStateOfThisBoot(home);
  if (state?.postgres === undefined || !isAlive(state.supervisor)) return alone;
  const url = given['DATABASE_URL'];
  if (given['DATABASE_URL_FILE'] || (url && plainPostgresUrl(url) !== state.postgres.url)) return alone;
  const { DATABASE_URL: database } = environmentOf('license', 0, { home, state });
  return {
    ...given,
    ...licenseSettingsOver(licenseSettingsIn(given), state.license ?? settings),
    DATABASE_URL: database,
  };
}
