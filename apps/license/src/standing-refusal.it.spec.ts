import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { houseSettings, loadSettings } from '@nexora/runtime';
import { TestClock, until } from '@nexora/testing';
import { DAY_MS, licenseAt } from './desk-house.conformance.ts';
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
      await rung(); // the clock that was moved was heard before
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

describe('a refusal that a wrong clock of the vendor dated two years ahead', () => {
  const YEARS_MS = 2 * 365 * DAY_MS;

  /** As when it happens, without a line from then on. */
  async function refusedAhead(code: string): Promise<void> {
    await here().licensed();
    here().renews(refusing(code, YEARS_MS));
    expect(await here().desk.sync()).toMatchObject({ mode: code === 'unpaid' ? 'limited' : 'revoked' });
  }

  it.each(['revoked', 'suspended', 'unpaid'])('%s: ends with the next licence over the line', async (code) => {
    await refusedAhead(code);
    here().renews(here().renewing);
    expect(await here().desk.cycle.run('hour')).toMatchObject({ mode: 'valid', renewed: true });
    expect(await here().desk.show()).toMatchObject({ lastRefusal: null, clock: { verdict: 'ok' } });
    expect(await here().desk.cycle.run('hour')).toMatchObject({ mode: 'valid' });
    expect(here().asks()).toHaveLength(2);
  });

  it('ends with a licence that is brought by hand, to a question of after', async () => {
    await refusedAhead('revoked');
    const { nonce } = await here().desk.request();
    const now = await here().house.now();
    const reply = here().replied(nonce, now, { license: here().house.vendor.license(licenseAt(now)) });
    expect(await here().desk.install(JSON.stringify(reply))).toMatchObject({ mode: 'valid', renewed: true });
  });

  it('is followed by another refusal, which has the right time', async () => {
    await refusedAhead('revoked');
    here().renews(refusing('suspended'));
    expect(await here().desk.cycle.run('hour')).toMatchObject({ mode: 'revoked', reason: 'suspended' });
    const at = Date.parse((await here().desk.show()).lastRefusal!.at);
    expect(at).toBeLessThan((await here().house.now()).getTime() + HOUR_MS);
  });
});

it('a licence that was dated ahead keeps no refusal of after from standing, and is renewed at the next look', async () => {
  await here().licensed();
  const ahead = (now: Date): Date => new Date(now.getTime() + 2 * 365 * DAY_MS);
  here().renews(({ nonce }, now) =>
    here().replied(nonce, ahead(now), {
      license: here().house.vendor.license(
        licenseAt(ahead(now), { paidUntil: new Date(ahead(now).getTime() + 300 * DAY_MS).toISOString() }),
      ),
    }),
  );
  expect(await here().desk.sync()).toMatchObject({ mode: 'valid', renewed: true });
  here().renews(refusing('suspended'));
  expect(await here().desk.sync()).toMatchObject({ mode: 'revoked', reason: 'suspended' });
  here().renews(here().renewing);
  expect(await here().desk.cycle.run('hour')).toMatchObject({ mode: 'valid', renewed: true });
  expect(Date.parse((await here().desk.show()).issuedAt!)).toBeLessThan(Date.now() + HOUR_MS);
});

it('a clock that signed time contradicts is asked about each hour, so that one wrong answer of the portal ends with the next', async () => {
  await here().licensed();
  const ahead = (now: Date): Date => new Date(now.getTime() + 200 * DAY_MS);
  here().renews(({ nonce }, now) =>
    here().replied(nonce, ahead(now), { license: here().house.vendor.license(licenseAt(ahead(now))) }),
  );
  await here().desk.sync();
  expect(await here().desk.show()).toMatchObject({ clock: { verdict: 'behind' } });
  here().renews(here().renewing);
  await here().desk.cycle.run('hour');
  expect(await here().desk.show()).toMatchObject({ mode: 'valid', clock: { verdict: 'ok' } });
});

it('what a portal says again and again leaves one line in the history', async () => {
  await here().licensed();
  here().renews(({ nonce }, now) =>
    here().replied(nonce, now, { licenseId: 'LIC-2', refusal: { code: 'x', message: '' } }),
  );
  for (const _ of 'again') await here().desk.sync();
  here().renews(refusing('unpaid'));
  for (const _ of 'again') await here().desk.sync();
  const lines = (await here().house.history()).slice(3); // of the licence that was put in
  expect(lines).toEqual(['refused', 'refusal']);
});
