import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Say } from '@nexora/embedded';
import { kidOf } from '@nexora/licensing';
import pg from 'pg';
import { root } from '../home.ts';
import { databaseUrlFor, environmentOf } from '../supervisor/environment.ts';
import { DEMO_LICENSE } from './license-order.ts';
import { runStep, stepFile, type StartingHouse } from './run-step.ts';

/** An envelope as the agent keeps it; nothing in it is believed here. */
interface Kept {
  readonly payload: string;
  readonly kid: string;
}

/**
 * Gives the house the licence of the sandbox's vendor unless it has one; never in place of one that a person brought.
 * That it is refused, as where the settings name the keys of another vendor, is said and stops nothing.
 */
export async function installDemonstrationLicense(house: StartingHouse, say: Say): Promise<void> {
  const keys = house.state.sandbox?.portal?.keys.split(',') ?? [];
  const env = environmentOf('license', 0, house);
  if (!(await isWanted(house, keys, String(env['LICENSE_DIR'])))) return;
  const { LICENSE_PUBLIC_KEY_HEX: trusted } = env;
  if (trusted !== undefined && !trusted.split(',').some((key) => keys.includes(key.trim().toLowerCase()))) {
    return say('The sandbox licence is refused: LICENSE_PUBLIC_KEY_HEX names other keys. npm run license -- show');
  }
  const envelope = await issued(house);
  const args = [join(root, 'apps/license/dist/cli.js'), 'install', '-'];
  try {
    await runStep({ what: 'the sandbox licence', args, env, input: envelope, signal: house.signal });
  } catch (error) {
    house.signal.throwIfAborted();
    say(`The sandbox licence was not installed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function issued({ home, signal }: StartingHouse): Promise<string> {
  const args = stepFile('license.ts', home.file('sandbox-portal'));
  return runStep({ what: 'the sandbox licence', args, signal });
}

/** Whether there is no licence, or only that of a sandbox whose keys are gone with its folder. */
async function isWanted(house: StartingHouse, keys: readonly string[], folder: string): Promise<boolean> {
  const kept = (await inDatabase(house)) ?? inFolder(folder);
  if (kept === null) return true;
  const isOurs = keys.some((key) => kidOf(Buffer.from(key, 'hex')) === kept.kid);
  return !isOurs && idIn(kept) === DEMO_LICENSE;
}

/** The document in the agent's one row; its own login asks, as it alone may. */
async function inDatabase(house: StartingHouse): Promise<Kept | null> {
  const client = new pg.Client({ connectionString: databaseUrlFor('license', house) });
  await client.connect();
  try {
    const { rows } = await client.query<{ document: Kept | null }>('SELECT document FROM license.state');
    return rows[0]?.document ?? null;
  } finally {
    await client.end();
  }
}

/** The document outside Postgres: a database that was emptied does not make a licence disappear. */
function inFolder(folder: string): Kept | null {
  const file = join(folder, 'state.json');
  if (!existsSync(file)) return null;
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { document?: Kept | null }).document ?? null;
  } catch {
    return null; // what the agent cannot read either is no licence
  }
}

function idIn({ payload }: Kept): string | null {
  try {
    return (JSON.parse(Buffer.from(payload, 'base64').toString('utf8')) as { id?: string }).id ?? null;
  } catch {
    return null; // no document of ours
  }
}
