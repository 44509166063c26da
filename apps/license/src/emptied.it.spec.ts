import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { houseSettings, loadSettings } from '@nexora/runtime';
import { TestClock, until } from '@nexora/testing';
import { DeskHouse, licenseAt } from './desk-house.conformance.ts';
import { LicenseWatch } from './license-watch.ts';
import { licenseSettings, type LicenseSettings } from './license.settings.ts';

// Somebody empties the one row while the house runs: the folder knows what was in it.

let house: DeskHouse;
let watch: LicenseWatch | undefined;

beforeAll(async () => {
  house = await DeskHouse.open();
}, 60_000);
afterAll(() => house.close());
beforeEach(async () => {
  await house.reset();
  await house.desk().install(JSON.stringify(house.vendor.license(licenseAt(await house.now()))));
});
afterEach(async () => {
  await watch?.beforeApplicationShutdown();
  watch = undefined;
});

const rows = async (): Promise<number> => (await house.owner.query({ text: 'SELECT FROM license.state' })).length;

describe('an emptied table', () => {
  it('is answered for: nobody has looked', async () => {
    await house.owner.query({ text: 'DELETE FROM license.state' });
    const [row] = await house.owner.query<{ state: unknown }>({ text: 'SELECT state FROM agents.license_state' });
    expect(row?.state).toMatchObject({ mode: 'invalid', reason: 'no license', lastCheck: null, waits: [{}] });
    expect(await rows()).toBe(0);
  });

  it('is filled from the folder by whoever shows the licence, or makes a request', async () => {
    await house.owner.query({ text: 'DELETE FROM license.state' });
    expect(await house.desk().show()).toMatchObject({ mode: 'valid', id: 'LIC-1', lastCheck: expect.any(String) });
    await house.owner.query({ text: 'DELETE FROM license.state' });
    expect(await house.desk().request()).toMatchObject({ licenseId: 'LIC-1' });
  });

  it('is not written by who only reads it', async () => {
    await house.owner.query({ text: 'DELETE FROM license.state' });
    expect(await house.desk().fingerprint()).toMatchObject({ match: null });
    expect(await rows()).toBe(0);
  });

  it.each(['DELETE FROM license.state', 'TRUNCATE license.state'])('%s: the agent looks at once', async (text) => {
    const clock = new TestClock();
    const services = { DATABASE_URL: house.fresh.url, REDIS_URL: 'redis://127.0.0.1:1' };
    const settings = loadSettings({ ...houseSettings, ...licenseSettings }, services) as LicenseSettings;
    watch = new LicenseWatch(house.desk(), house.database, house.telemetry, clock, settings);
    watch.onApplicationBootstrap();
    await until(() => clock.sleeping === 1, { what: 'the first look to end' });
    await house.owner.query({ text });
    const isBack = async (): Promise<boolean> => {
      await clock.advance(600);
      return (await rows()) === 1;
    };
    await until(isBack, { within: 5_000, what: 'the row to be back' });
    expect(await house.desk().show()).toMatchObject({ mode: 'valid', id: 'LIC-1' });
  });
});
