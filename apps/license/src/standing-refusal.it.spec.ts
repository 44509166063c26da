import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { houseSettings, loadSettings } from '@nexora/runtime';
import { TestClock, until } from '@nexora/testing';
import { LicenseWatch } from './license-watch.ts';
import { licenseSettings, type LicenseSettings } from './license.settings.ts';
import { HOUR_MS, PortalHouse, type Asked } from './portal-house.conformance.ts';

const here = PortalHouse.forTests();

/** A portal that refuses by the house's time, or so far from it. */
const refusing =
  (code: string, offMs = 0, message = 'Llame a su proveedor.') =>
  ({ nonce }: Asked, now: Date): object =>
    here().replied(nonce, new Date(now.getTime() + offMs), { refusal: { code, message } });

describe('a portal that refuses for as long as it likes', () => {
  let clock: TestClock;
  let watch: LicenseWatch;

  beforeEach(() => {
    clock = new TestClock();
  });
  afterEach(() => watch.beforeApplicationShutdown());

  function watching(): void {
    const { house, desk } = here();
    const services = { DATABASE_URL: house.fresh.url, REDIS_URL: 'redis://127.0.0.1:1' };
    const settings = loadSettings({ ...houseSettings, ...licenseSettings }, services) as LicenseSettings;
    watch = new LicenseWatch(desk, house.database, house.telemetry, clock, settings);
    watch.onApplicationBootstrap();
  }

  async function looks(): Promise<number> {
    const [, count] = /^nexora_license_checks_total\{.*\} (\d+)$/m.exec(await here().house.telemetry.metrics()) ?? [];
    return Number(count ?? 0);
  }

  /** Rings after all that the last look has rung, and waits until that was heard and looked at. */
  async function rung(): Promise<void> {
    const before = await looks();
    await here().house.owner.query({ text: `SELECT pg_notify('agents_license', NULL)` });
    const looked = async (): Promise<boolean> => {
      await clock.advance(1_000);
      return (await looks()) > before && clock.sleeping === 1;
    };
    await until(looked, { within: 5_000, what: 'the look after the ring' });
  }

  it.each(['unpaid', 'suspended', 'revoked'])(
    '%s: is asked once, not by every ring; an hour later once more',
    async (code) => {
      await here().licensed();
      here().renews(refusing(code));
      watching();
      await until(() => clock.sleeping === 1 && here().asks().length > 0, { within: 5_000, what: 'the first look' });
      for (let ring = 0; ring < 4; ring += 1) await rung();
      expect(here().asks()).toHaveLength(1);
      await here().house.pass(HOUR_MS);
      await clock.advance(1.2 * HOUR_MS);
      await until(() => here().asks().length === 2, { within: 5_000, what: 'the look of the hour' });
    },
  );

  it('the same word again leaves one line in the history, another word another', async () => {
    await here().licensed();
    here().renews(refusing('unpaid'));
    watching();
    await until(() => clock.sleeping === 1, { within: 5_000, what: 'the first look' });
    for (const _ of 'three') await here().desk.sync();
    const refusals = async (): Promise<number> =>
      (await here().house.history()).filter((what) => what === 'refusal').length;
    expect(await refusals()).toBe(1);
    here().renews(refusing('suspended'));
    await here().desk.sync();
    expect(await refusals()).toBe(2);
  });
});
