import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Vendor } from '@nexora/sandbox-portal';
import { freshDatabase, type MigratedDatabase } from '@nexora/testing';
import pg from 'pg';
import { Home, root } from '../home.ts';
import { environmentOf } from '../supervisor/environment.ts';
import { buildIfStale } from './build.ts';
import { installDemonstrationLicense } from './demonstration-license.ts';
import { DEMO_LICENSE, DEMO_ORDER } from './license-order.ts';
import { runStep, type StartingHouse } from './run-step.ts';

const BUILD_MS = 180_000;
const signal = new AbortController().signal;
const homes: Home[] = [];
const databases: MigratedDatabase[] = [];
let database: MigratedDatabase;
let home: Home;
let said: string[];

beforeAll(() => buildIfStale(() => undefined, signal), BUILD_MS);

beforeEach(async () => {
  said = [];
  home = new Home(mkdtempSync(join(tmpdir(), 'nexora-licensed-')));
  homes.push(home);
  home.prepare();
  await emptied();
});

afterAll(async () => {
  for (const each of databases) await each.drop();
  for (const each of homes) rmSync(each.path, { recursive: true });
});

/** From here on the house has a database that knows nothing. */
async function emptied(): Promise<void> {
  database = await freshDatabase();
  databases.push(database);
}

/** The house when its services and its portal are up; without logins, as where no roles may be made. */
async function house(): Promise<StartingHouse> {
  const keys = (await (await office()).publicKeysHex()).join(',');
  const portal = { url: 'http://127.0.0.1:9', controlUrl: 'http://127.0.0.1:9', keys };
  const postgres = { url: database.url, ref: null, given: false, logins: {} };
  return { home, state: { postgres, sandbox: { portal } }, signal };
}

function office(): Promise<Vendor> {
  return Vendor.open(home.file('sandbox-portal'));
}

async function start(): Promise<void> {
  await installDemonstrationLicense(await house(), (line) => said.push(line));
}

/** Installs a licence of a person's own, of the vendor of this house. */
async function bring(id: string): Promise<void> {
  const { envelope } = await (await office()).issue({ ...DEMO_ORDER, id });
  const args = [join(root, 'apps/license/dist/cli.js'), 'install', '-'];
  const env = environmentOf('license', 0, await house());
  await runStep({ what: 'install', args, env, input: JSON.stringify(envelope) });
}

/** Id and mode of the licence, and the key that signed the document. */
async function found(): Promise<unknown> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<{ found: unknown }>(
    `SELECT jsonb_build_array(answer -> 'id', answer -> 'mode', document -> 'kid') AS found FROM license.state`,
  );
  await client.end();
  return rows[0]?.found;
}

async function kid(): Promise<string | undefined> {
  return (await (await office()).keys())[0]?.kid;
}

describe('the licence of the demonstration', () => {
  it('is installed where there is none, once', async () => {
    await start();
    expect(await found()).toEqual([DEMO_LICENSE, 'valid', await kid()]);
    const { length } = await (await office()).list();
    await start();
    expect([await found(), said, length]).toEqual([[DEMO_LICENSE, 'valid', await kid()], [], 1]);
  }, 60_000);

  it('is made anew when its vendor is gone with the folder of the portal', async () => {
    await start();
    const former = await kid();
    rmSync(home.file('sandbox-portal'), { recursive: true });
    await start();
    expect([await found(), (await kid()) === former, said]).toEqual([[DEMO_LICENSE, 'valid', await kid()], false, []]);
  }, 60_000);

  it('is there again after the data of Postgres and of the agent were removed', async () => {
    await start();
    rmSync(home.file('license'), { recursive: true });
    await emptied();
    await start();
    expect([await found(), said]).toEqual([[DEMO_LICENSE, 'valid', await kid()], []]);
  }, 60_000);

  it('never takes the place of one that a person brought, verified or not, in Postgres or outside', async () => {
    await bring('mine');
    const own = await kid();
    await start();
    expect(await found()).toEqual(['mine', 'valid', own]);
    rmSync(home.file('sandbox-portal'), { recursive: true });
    await start();
    expect(await found()).toEqual(['mine', 'valid', own]);
    await emptied();
    await start();
    expect([await found(), existsSync(home.file('license', 'state.json')), said]).toEqual([
      [null, 'invalid', null],
      true,
      [],
    ]);
  }, 60_000);

  it('is refused under the keys of another vendor, which is said and stops nothing', async () => {
    const stranger = await Vendor.open(home.file('stranger'));
    process.env['LICENSE_PUBLIC_KEY_HEX'] = (await stranger.publicKeysHex()).join(',');
    try {
      await start();
    } finally {
      delete process.env['LICENSE_PUBLIC_KEY_HEX'];
    }
    expect(await found()).toEqual([null, 'invalid', null]);
    expect(said).toEqual([expect.stringContaining('LICENSE_PUBLIC_KEY_HEX names other keys')]);
  }, 60_000);
});
