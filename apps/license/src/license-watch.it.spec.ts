import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { houseSettings, loadSettings } from '@nexora/runtime';
import { TestClock, until } from '@nexora/testing';
import { DAY_MS, DeskHouse, licenseAt } from './desk-house.conformance.ts';
import type { LicenseDesk } from './desk.ts';
import { LicenseWatch } from './license-watch.ts';
import { PortalStub } from './portal/portal-stub.conformance.ts';
import { licenseSettings, type LicenseSettings } from './license.settings.ts';

const MINUTE_MS = 60_000;
let house: DeskHouse;
let clock: TestClock;
let watch: LicenseWatch | undefined;

beforeAll(async () => {
  house = await DeskHouse.open();
}, 60_000);

afterAll(() => house.close());

beforeEach(async () => {
  await house.reset();
  clock = new TestClock();
});

afterEach(async () => {
  await watch?.beforeApplicationShutdown();
  watch = undefined;
});

function watching(desk: Pick<LicenseDesk, 'cycle'>, enabled = true): void {
  const services = { DATABASE_URL: house.fresh.url, REDIS_URL: 'redis://127.0.0.1:1', AGENTS_ENABLED: String(enabled) };
  const settings = loadSettings({ ...houseSettings, ...licenseSettings }, services) as LicenseSettings;
  watch = new LicenseWatch(desk as LicenseDesk, house.database, house.telemetry, clock, settings);
  watch.onApplicationBootstrap();
}

/** How often was looked, as the metric counts it. */
async function looks(): Promise<number> {
  const line = (await house.telemetry.metrics())
    .split('\n')
    .find((each) => each.startsWith('nexora_license_checks_total{'));
  return Number(line?.split(' ')[1] ?? 0);
}

const looked = (times: number): Promise<unknown> =>
  until(async () => (await looks()) === times && clock.sleeping === 1, { within: 5_000, what: `look ${times}` });

it('looks at the start, then every 60 minutes, 10 % more or less', async () => {
  watching(house.desk());
  await looked(1);
  await clock.advance(53 * MINUTE_MS);
  expect(await looks()).toBe(1);
  await clock.advance(14 * MINUTE_MS);
  await looked(2);
});

it('looks at the moment at which the licence ends, not up to an hour later', async () => {
  const desk = house.desk();
  const soon = new Date((await house.now()).getTime() + 10 * MINUTE_MS);
  await desk.install(
    JSON.stringify(house.vendor.license(licenseAt(await house.now(), { validUntil: soon.toISOString() }))),
  );
  const before = await looks();
  watching(desk);
  await looked(before + 1);
  await house.pass(10 * MINUTE_MS);
  await clock.advance(10 * MINUTE_MS + 1_000);
  await until(async () => (await desk.show()).mode === 'grace', { within: 5_000, what: 'the grace' });
});

it('decides by what is there while a portal keeps it waiting', async () => {
  const portal = await PortalStub.open(() => undefined);
  const at = await house.now();
  const ended = licenseAt(at, { validUntil: new Date(at.getTime() + 1_000).toISOString() });
  await house.desk().install(JSON.stringify(house.vendor.license(ended)));
  await house.pass(DAY_MS);
  const desk = house.desk({ LICENSE_PORTAL_URL: portal.url });
  watching(desk);
  await until(() => portal.reached.length > 0, { within: 5_000, what: 'the portal to be asked' });
  expect((await desk.show()).mode).toBe('valid');
  await until(async () => (await desk.show()).mode === 'grace', { within: 10_000, what: 'the grace' });
  await portal.close();
});

it('looks when the house’s clock is moved, and when another process took a document', async () => {
  watching(house.desk());
  await looked(1);
  const knocked = async (times: number): Promise<void> => {
    await until(
      async () => {
        await clock.advance(1_000);
        return (await looks()) >= times;
      },
      { within: 5_000, what: `look ${times}` },
    );
  };
  await house.moveClock(60_000);
  await knocked(2);
  const other = house.desk({}, { telemetry: house.telemetry });
  const before = await looks();
  await other.install(JSON.stringify(house.vendor.license(licenseAt(await house.now()))));
  await knocked(before + 2);
});

it('tries again soon when it could not look, each time a little later, and it is the start still', async () => {
  const asked: string[] = [];
  const run = (trigger: string): Promise<{ nextCheckMs: number }> => {
    asked.push(trigger);
    return asked.length < 4 ? Promise.reject(new Error('Postgres is away')) : Promise.resolve({ nextCheckMs: DAY_MS });
  };
  watching({ cycle: { run, refusedKeys: [], unread: [] } } as unknown as LicenseDesk);
  for (const [pause, times] of [
    [1_000, 2],
    [2_000, 3],
    [4_000, 4],
  ] as const) {
    await until(() => clock.sleeping === 1, { what: 'the pause' });
    await clock.advance(pause - 1);
    expect(asked).toHaveLength(times - 1);
    await clock.advance(1);
    await until(() => asked.length === times, { what: `try ${times}` });
  }
  expect(asked).toEqual(['start', 'start', 'start', 'start']);
  expect(house.lines.filter(({ event }) => event === 'license-check-failed')).toHaveLength(1); // once a minute at most
});

it('with AGENTS_ENABLED=false looks at nothing', async () => {
  watching(house.desk(), false);
  await clock.advance(DAY_MS);
  expect(await looks()).toBe(0);
});

it('names each key that is left out, and why; the others serve', async () => {
  const desk = house.desk({ LICENSE_PUBLIC_KEY_HEX: `${'0'.repeat(64)},abc,${house.vendor.hex},zz` });
  watching(desk, false);
  const told = house.lines.filter(({ event }) => event === 'license-key-refused');
  expect(told.map(({ position }) => position)).toEqual([1, 2, 4]);
  expect(told.map(({ why }) => why)).toEqual([
    expect.stringContaining('00000000… is a point of small order'),
    expect.stringContaining('abc… does not have exactly 64 digits'),
    expect.stringContaining('zz… has a sign that is no hex digit'),
  ]);
  expect(await desk.install(JSON.stringify(house.vendor.license(licenseAt(await house.now()))))).toMatchObject({
    mode: 'valid',
  });
  expect((await desk.show()).refusedKeys.map(({ position }) => position)).toEqual([1, 2, 4]);
});

it('tells at the start which facts of the machine cannot be read', () => {
  house.machine.facts = { machineId: null, serial: null };
  watching(house.desk(), false);
  expect(house.lines).toContainEqual(
    expect.objectContaining({ event: 'license-facts-unread', facts: ['machine-id', 'serial'] }),
  );
});
