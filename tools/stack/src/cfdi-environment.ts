import { isAlive } from '@nexora/embedded';
import type { Home } from './home.ts';
import { readStateOfThisBoot } from './state.ts';
import { environmentOf, KEY } from './supervisor/environment.ts';
import { plainPostgresUrl } from './supervisor/given.ts';

/**
 * Environment of the CFDI agent's command line: that of the caller, and what is missing in it from the house that is
 * up. Whoever names another database means another house, and gets nothing of this one. The key of a house that was
 * started with a key of the caller's own is known to the caller only: another one would seal nothing.
 */
export function cfdiEnvironment(given: NodeJS.ProcessEnv, home: Home): NodeJS.ProcessEnv {
  const state = readStateOfThisBoot(home);
  if (state?.postgres === undefined || !isAlive(state.supervisor)) return given;
  const url = given['DATABASE_URL'];
  if (given['DATABASE_URL_FILE'] || (url && plainPostgresUrl(url) !== state.postgres.url)) return given;
  const house = environmentOf('cfdi', 0, { home, state });
  const hasKey = state.keyGiven || given[KEY] || given[`${KEY}_FILE`];
  const storage = given['STORAGE_URL'] || given['S3_ENDPOINT'] ? {} : { STORAGE_URL: house['STORAGE_URL'] };
  return { ...given, ...storage, DATABASE_URL: house['DATABASE_URL'], ...(hasKey ? {} : { [KEY]: house[KEY] }) };
}
