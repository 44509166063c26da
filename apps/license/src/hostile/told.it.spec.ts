import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { World } from './world.conformance.ts';

// What the owner is told, by two agents that look at the same moment: each thing once.

let world: World;

beforeAll(async () => {
  world = await World.open();
});

afterAll(() => world.close());

beforeEach(async () => {
  await world.reset();
});

/** Two agents look at once, and once more. */
async function twoLook(): Promise<void> {
  await Promise.all([world.offline(), world.offline('clock')]);
  await Promise.all([world.offline('clock'), world.offline()]);
}

/** So many days before the contract ends. */
async function contractOf(days: number): Promise<void> {
  world.portal.terms = {
    ...world.portal.terms,
    days,
    paidUntil: new Date(world.portal.now.getTime() + days * 86_400_000),
  };
  await world.licensed();
}

describe('two agents at once', () => {
  it('warn 30, 14, 7, 3 and 1 days before, once each, and name what will wait', async () => {
    await contractOf(40);
    for (const days of [9, 1.1, 8, 8, 7, 4, 2, 0.5]) {
      await world.days(days);
      await twoLook();
    }
    expect(await world.house.told()).toEqual([
      'mode:valid',
      ...['expiring:30', 'expiring:14', 'expiring:7', 'expiring:3', 'expiring:1'],
    ]);
    const payloads = await world.house.owner.query<{ waits: string[] }>({
      text: `SELECT j.payload -> 'waits' AS waits FROM agents.job j WHERE j.payload ? 'days'`,
    });
    expect(payloads.map(({ waits }) => waits)).toEqual(Array.from({ length: 5 }, () => ['license.sending']));
  });

  it('warn of the nearest only when the house slept over several', async () => {
    await contractOf(40);
    await world.days(38);
    await twoLook();
    expect(await world.house.told()).toEqual(['mode:valid', 'expiring:3']);
  });

  it('warn anew of a renewed licence', async () => {
    await contractOf(40);
    await world.days(27);
    await twoLook();
    await contractOf(40);
    await world.days(27);
    await twoLook();
    expect(await world.house.told()).toEqual(['mode:valid', 'expiring:14', 'expiring:14']);
  });

  it('do not warn again after emptied folders, restored rows and clocks set to and fro', async () => {
    await contractOf(40);
    await world.days(27);
    await twoLook();
    const copy = await world.copy();
    await world.emptyFolder();
    await twoLook();
    await world.putFileBack(copy);
    for (const days of [-10, 10, 2, -2, 200, -200]) {
      await world.setWall(days);
      await twoLook();
    }
    expect(await world.house.told()).toEqual(['mode:valid', 'expiring:14']);
  });

  it('tell each change of mode once, in the order in which it came', async () => {
    world.portal.terms = { ...world.portal.terms, days: 10 };
    await world.licensed();
    for (const days of [10.01, 3, 4.01]) {
      await world.days(days);
      await twoLook();
    }
    await world.look('request');
    await twoLook();
    const told = await world.house.told();
    expect(told.filter((one) => one.startsWith('mode'))).toEqual([
      'mode:valid',
      'mode:grace',
      'mode:limited',
      'mode:valid',
    ]);
  });

  it('leave one renewal in the outbox', async () => {
    world.portal.onRenew = (_question, response) => void response.writeHead(500).end();
    await world.licensed();
    await world.days(25);
    await Promise.all(Array.from({ length: 6 }, (_, n) => world.look(n % 2 === 0 ? 'hour' : 'start')));
    await world.look('request');
    expect(await world.house.waitingRenewals()).toBe(1);
  });
});
