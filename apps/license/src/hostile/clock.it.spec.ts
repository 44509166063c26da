import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { World, type Copy } from './world.conformance.ts';

// What a hand on the clock can do to the licence, across restarts and restored copies. Everything happens offline, so
// that nothing but the mark speaks; then the portal answers, and all is right again.

const TWO_MONTHS = 61;
const TWO_YEARS = 730;

let world: World;
/** What both places held on the day on which the licence came. */
let early: Copy;

beforeAll(async () => {
  world = await World.open();
});

afterAll(() => world.close());

beforeEach(async () => {
  await world.reset();
  await world.licensed();
  await world.offline('start');
  early = await world.copy();
});

type Disturbance = () => Promise<void>;

const DISTURBANCES: readonly [string, Disturbance][] = [
  ['a restart of the process', () => Promise.resolve()],
  ['a restart of the machine', () => world.off(0)],
  ['a restored database', () => world.putRowBack(early)],
  ['a folder put back from a copy', () => world.putFileBack(early)],
  ['emptied tables', () => world.emptyTables()],
  ['a lost folder', () => world.emptyFolder()],
  [
    'a restored database and a restart of the machine',
    async () => {
      await world.putRowBack(early);
      await world.off(0);
    },
  ],
  [
    'emptied tables and a restart of the machine',
    async () => {
      await world.emptyTables();
      await world.off(0);
    },
  ],
  [
    'a restart of the machine, then a folder put back',
    async () => {
      await world.off(0);
      await world.offline('start');
      await world.putFileBack(early);
    },
  ],
];

/** Weeks go by with a look now and then. */
async function weeks(days: number): Promise<void> {
  for (let passed = 0; passed < days; passed += 8) {
    await world.days(Math.min(8, days - passed));
    await world.offline();
  }
}

describe.each(DISTURBANCES)('across %s', (_, disturb) => {
  it('a clock set back two months gives no day of grace back', async () => {
    await weeks(32);
    expect(await world.state()).toMatchObject({ mode: 'grace', graceDaysLeft: 5, clock: { verdict: 'ok' } });
    await world.setWall(-TWO_MONTHS);
    await disturb();
    await world.offline('start');
    expect(await world.state()).toMatchObject({ mode: 'grace', graceDaysLeft: 5, clock: { verdict: 'behind' } });
    await world.days(5);
    await world.offline();
    expect(await world.state()).toMatchObject({ mode: 'limited', clock: { verdict: 'behind' } });
    await world.setWall(TWO_MONTHS);
    await world.offline();
    expect(await world.state()).toMatchObject({ mode: 'limited', clock: { verdict: 'ok' } });
  });

  it('a clock set ahead two years while it runs is reported and not counted, and back again nothing is left of it', async () => {
    await weeks(8);
    await world.setWall(TWO_YEARS);
    await world.offline();
    expect(await world.state()).toMatchObject({ mode: 'valid', clock: { verdict: 'ahead' } });
    await world.setWall(-TWO_YEARS);
    await disturb();
    await world.offline('start');
    expect(await world.state()).toMatchObject({ mode: 'valid', clock: { verdict: 'ok' } });
    await world.days(24);
    await world.offline();
    expect(await world.state()).toMatchObject({ mode: 'grace', graceDaysLeft: 5, clock: { verdict: 'ok' } });
  });

  it('a clock that was two years ahead when the machine was switched on counts until it is set back', async () => {
    await weeks(8);
    await world.setWall(TWO_YEARS);
    await world.off(0);
    await world.offline('start');
    expect(await world.state()).toMatchObject({ mode: 'limited' });
    await world.setWall(-TWO_YEARS);
    await disturb();
    await world.offline('start');
    expect(await world.state()).toMatchObject({ mode: 'valid' });
    await world.days(24);
    await world.offline();
    expect(await world.state()).toMatchObject({ mode: 'grace', graceDaysLeft: 5 });
  });

  it('a clock that stays two years ahead is set right by one answer of the portal', async () => {
    await weeks(8);
    await world.setWall(TWO_YEARS);
    await world.off(0);
    await world.offline('start');
    await disturb();
    await world.look('request');
    expect(await world.state()).toMatchObject({ mode: 'valid', clock: { verdict: 'ahead' } });
    await world.days(10);
    await world.off(0);
    await world.offline('start');
    expect(await world.state()).toMatchObject({ mode: 'valid', clock: { verdict: 'ahead' } });
  });
});

describe('a clock', () => {
  it('set back by less than a day is a note, and the licence stays as it is', async () => {
    await weeks(8);
    await world.setWall(-0.9);
    await world.offline();
    expect(await world.state()).toMatchObject({ mode: 'valid', clock: { verdict: 'note' } });
  });

  it('set back by 23 hours at every restart wins no day', async () => {
    for (let day = 0; day < 12; day += 1) {
      await world.days(3);
      await world.offline();
      await world.setWall(-23 / 24);
      await world.off(0);
      await world.offline('start');
    }
    expect(await world.state()).toMatchObject({ mode: 'grace', clock: { verdict: 'behind' } });
  });

  it('set ahead by 23 hours at every look does not bring the end nearer by more than a day', async () => {
    for (let turn = 0; turn < 40; turn += 1) {
      await world.setWall(23 / 24);
      await world.offline();
    }
    expect(await world.state()).toMatchObject({ mode: 'valid', clock: { verdict: 'ahead' } });
  });

  it('that goes to and fro between two years ahead and two months back ends where it began', async () => {
    await weeks(24);
    for (const days of [TWO_YEARS, -TWO_YEARS - TWO_MONTHS, TWO_MONTHS + TWO_YEARS, -TWO_YEARS]) {
      await world.setWall(days);
      await world.off(0);
      await world.offline('start');
    }
    expect(await world.state()).toMatchObject({ mode: 'valid', clock: { verdict: 'ok' } });
    await world.days(8);
    await world.offline();
    expect(await world.state()).toMatchObject({ mode: 'grace', graceDaysLeft: 5 });
  });

  it('set back two months, its tables emptied and its folder lost: the licence itself says when it was issued', async () => {
    await world.days(20);
    const licence = world.portal.license();
    await world.emptyTables();
    await world.emptyFolder();
    await world.setWall(-TWO_MONTHS);
    await expect(world.install(licence)).rejects.toMatchObject({ reason: 'from the future' });
    await world.setWall(TWO_MONTHS);
    await world.install(licence);
    await world.setWall(-TWO_MONTHS);
    await world.offline();
    expect(await world.state()).toMatchObject({ mode: 'valid', clock: { verdict: 'behind' } });
  });
});
