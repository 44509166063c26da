import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { boundBy } from './own-vendor.conformance.ts';
import { World } from './world.conformance.ts';

// A licence that is bound to three facts of a machine, on this machine, on one that was repaired, and on a copy.

const INSTALLATION = { LICENSE_INSTALLATION_ID: 'installation-1' };
const OWN = boundBy('machine-1', 'serial-1', 'installation-1');
let world: World;

beforeAll(async () => {
  world = await World.open();
});

afterAll(() => world.close());

beforeEach(async () => {
  await world.reset();
  await bindTo(OWN);
});

async function bindTo(binding: readonly string[]): Promise<void> {
  world.portal.terms = { ...world.portal.terms, binding };
  await world.install(world.portal.license(), INSTALLATION);
}

/** What the house becomes: its facts, by number. */
function becomes(machine: number, serial: number): void {
  world.house.machine.facts = {
    machineId: { text: `machine-${machine}`, source: 'test' },
    serial: { text: `serial-${serial}`, source: 'test' },
  };
}

const look = (installation = 1): Promise<unknown> =>
  world.look('hour', {
    LICENSE_PORTAL_URL: 'http://127.0.0.1:9',
    LICENSE_INSTALLATION_ID: `installation-${installation}`,
  });
const request = (): Promise<unknown> => world.look('request', INSTALLATION);

describe('a licence bound to a machine', () => {
  it.each([0, 1])(
    'that was mixed up with another’s (%i of 3) gives way to one’s own, older as it is',
    async (match) => {
      const own = world.portal.license();
      await world.days(1);
      await world.install(own, INSTALLATION);
      const facts = match === 0 ? ['machine-2', 'serial-2'] : ['machine-1', 'serial-2'];
      await world.days(1);
      await bindTo(boundBy(facts[0]!, facts[1]!, 'installation-2'));
      expect(await world.state()).toMatchObject({ mode: match === 0 ? 'limited' : 'grace', machine: { match } });
      await world.install(own, INSTALLATION);
      expect(await world.state()).toMatchObject({ mode: 'valid', machine: { match: 3, changedAt: null } });
      await look();
      expect(await world.state()).toMatchObject({ mode: 'valid', machine: { match: 3 } });
    },
  );

  it('of two equal facts is this machine’s: an older one does not take its place', async () => {
    const older = world.portal.license();
    await world.days(1);
    await bindTo(boundBy('machine-1', 'serial-1', 'installation-2'));
    await expect(world.install(older, INSTALLATION)).rejects.toMatchObject({ reason: 'older' });
  });

  it('tells which facts cannot be read: they say nothing of where a copy runs', async () => {
    world.house.machine.facts = { machineId: null, serial: { text: 'serial-1', source: 'test' } };
    await look();
    expect(await world.state()).toMatchObject({ machine: { match: 2, unread: ['machine-id'] } });
    expect(await world.desk(INSTALLATION).fingerprint()).toMatchObject({ unread: ['machine-id'] });
    becomes(1, 1);
    await look();
    expect(await world.state()).toMatchObject({ machine: { match: 3, unread: [] } });
  });

  it('is that of this machine when the facts are HMACs as the specification says', async () => {
    expect(await world.state()).toMatchObject({ mode: 'valid', binding: OWN, machine: { match: 3, same: true } });
    expect(await world.desk(INSTALLATION).fingerprint()).toMatchObject({ binding: OWN, match: 3 });
  });

  it.each<[string, number, number, number, number]>([
    ['the machine id', 2, 1, 1, 2],
    ['the serial', 1, 2, 1, 2],
    ['the installation', 1, 1, 2, 2],
  ])('is the same machine’s when only %s has changed', async (_, machine, serial, installation, match) => {
    becomes(machine, serial);
    await look(installation);
    expect(await world.state()).toMatchObject({ mode: 'valid', machine: { match, same: true, changedAt: null } });
  });

  it.each<[string, number, number, number]>([
    ['machine id and serial', 2, 2, 1],
    ['machine id and installation', 2, 1, 2],
    ['serial and installation', 1, 2, 2],
  ])(
    'runs through its grace when %s have changed, then it is limited; the old facts bring it back',
    async (_, ...facts) => {
      const [machine, serial, installation] = facts;
      becomes(machine, serial);
      await look(installation);
      expect(await world.state()).toMatchObject({
        mode: 'grace',
        reason: 'machine changed',
        graceDaysLeft: 7,
        machine: { match: 1, same: false },
      });
      await world.days(3);
      await look(installation);
      expect(await world.state()).toMatchObject({ mode: 'grace', graceDaysLeft: 4 });
      await world.days(4);
      await look(installation);
      expect(await world.state()).toMatchObject({ mode: 'limited', reason: 'machine changed', graceDaysLeft: 0 });
      becomes(1, 1);
      await look();
      expect(await world.state()).toMatchObject({ mode: 'valid', machine: { match: 3, changedAt: null } });
    },
  );

  it('is limited at once on a machine that has none of the facts', async () => {
    becomes(2, 2);
    await look(2);
    expect(await world.state()).toMatchObject({ mode: 'limited', reason: 'machine changed', machine: { match: 0 } });
  });

  it('of another machine, put in by hand, is limited at once', async () => {
    await bindTo(boundBy('machine-9', 'serial-9', 'installation-9'));
    expect(await world.state()).toMatchObject({ mode: 'limited', reason: 'machine changed', machine: { match: 0 } });
  });

  it('does not match by facts in other places', async () => {
    await bindTo([OWN[1], OWN[2], OWN[0]]);
    expect(await world.state()).toMatchObject({ mode: 'limited', machine: { match: 0 } });
  });

  it('is not drawn over to a copy by a mere renewal', async () => {
    becomes(2, 2);
    await look();
    await request();
    expect(world.portal.questions.at(-1)?.binding).toEqual(OWN);
    expect(await world.state()).toMatchObject({ mode: 'grace', machine: { match: 1 } });
  });

  it('gives no days of grace back: not by a restored row, nor a lost folder, nor emptied tables', async () => {
    const early = await world.copy();
    becomes(2, 2);
    await look();
    await world.days(5);
    await look();
    for (const spoil of [
      () => world.putRowBack(early),
      () => world.emptyFolder(),
      () => world.emptyTables(),
      () => world.putFileBack(early),
    ]) {
      await spoil();
      await look();
      expect(await world.state()).toMatchObject({ mode: 'grace', graceDaysLeft: 2 });
    }
  });

  it('gives no days of grace to a copy that began with a clock two years ahead', async () => {
    becomes(2, 2);
    await world.setWall(730);
    await world.off(0);
    await look();
    await world.setWall(-730);
    await look();
    expect(await world.state()).toMatchObject({ mode: 'grace', reason: 'machine changed', graceDaysLeft: 7 });
    await world.days(7);
    await look();
    expect(await world.state()).toMatchObject({ mode: 'limited', reason: 'machine changed' });
  });
});

describe('a rebinding', () => {
  const rebind = (): Promise<unknown> => world.desk(INSTALLATION).rebind();

  beforeEach(() => {
    world.portal.onRenew = (question, response) => {
      world.portal.terms = { ...world.portal.terms, binding: question.binding };
      world.portal.send(response, world.portal.reply(question));
    };
    becomes(2, 2);
  });

  it('sends this machine’s own facts and is valid here; once in 30 days', async () => {
    await rebind();
    expect(world.portal.questions.at(-1)?.binding).toEqual(boundBy('machine-2', 'serial-2', 'installation-1'));
    expect(await world.state()).toMatchObject({ mode: 'valid', machine: { match: 3 } });
    becomes(3, 3);
    const asked = world.portal.questions.length;
    await world.days(29);
    await expect(rebind()).rejects.toMatchObject({ name: 'Refused', es: expect.stringContaining('30 días') });
    expect(world.portal.questions.length).toBe(asked);
    await world.days(1.01);
    await world.look('hour', INSTALLATION);
    await rebind();
    expect(await world.state()).toMatchObject({ mode: 'valid', machine: { match: 3 } });
  });

  it('is not forgotten by a restored row, emptied tables or a lost folder', async () => {
    const early = await world.copy();
    await rebind();
    becomes(3, 3);
    for (const spoil of [
      () => world.putRowBack(early),
      () => world.emptyFolder(),
      () => world.emptyTables(),
      () => world.putFileBack(early),
    ]) {
      await spoil();
      await expect(rebind()).rejects.toMatchObject({ name: 'Refused' });
      await look();
    }
  });

  it.each<[string, () => void]>([
    ['the portal says no', () => (world.portal.refuses = { code: 'rebind-too-soon', message: 'Espere.' })],
    ['nothing comes back', () => (world.portal.onRenew = (_q, response) => void response.destroy())],
    [
      'the answer is that of another',
      () =>
        (world.portal.onRenew = (q, r) => world.portal.send(r, world.portal.reply({ ...q, nonce: '0'.repeat(64) }))),
    ],
    [
      'the licence stays bound to the old machine',
      () => (world.portal.onRenew = (q, r) => world.portal.send(r, world.portal.reply(q))),
    ],
  ])('does not count when %s, and lowers nothing', async (_, make) => {
    await look();
    make();
    await rebind();
    expect(await world.state()).toMatchObject({
      mode: 'grace',
      reason: 'machine changed',
      machine: { rebindAllowedAt: null },
    });
  });

  it('counted while a clock was wrong does not lock the owner out once it is right', async () => {
    await world.setWall(730);
    await world.off(0);
    await rebind();
    await world.setWall(-730);
    await world.days(31);
    becomes(3, 3);
    await world.look('hour', INSTALLATION);
    await rebind();
    expect(await world.state()).toMatchObject({ mode: 'valid', machine: { match: 3 } });
  });
});
