import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { json } from './own-portal.conformance.ts';
import { OwnVendor } from './own-vendor.conformance.ts';
import { World } from './world.conformance.ts';

// Revoked, suspended and reinstated, by the list and by the portal's word; and lists that are played again.

let world: World;

beforeAll(async () => {
  world = await World.open();
});

afterAll(() => world.close());

beforeEach(async () => {
  await world.reset();
  await world.licensed();
  await world.look('start');
});

/** Over an hour passes, and the agent looks. */
async function anHour(): Promise<void> {
  await world.days(1.1 / 24);
  await world.look('hour');
}

describe('a list over the line', () => {
  it('revokes: limited at once, without a day of grace, and told once', async () => {
    world.portal.publish({ revoked: ['LIC-2', 'LIC-1'] });
    await anHour();
    await anHour();
    expect(await world.state()).toMatchObject({
      mode: 'revoked',
      reason: 'revoked',
      graceDaysLeft: null,
      crl: { series: 'A', number: 2, revoked: 2, stale: false },
    });
    expect(await world.house.told()).toEqual(['mode:valid', 'mode:revoked']);
  });

  it('suspends, and reinstates by the next number', async () => {
    world.portal.publish({ suspended: ['LIC-1'] });
    await anHour();
    expect(await world.state()).toMatchObject({ mode: 'revoked', reason: 'suspended' });
    world.portal.publish({});
    await anHour();
    expect(await world.state()).toMatchObject({ mode: 'valid', reason: null, crl: { number: 3 } });
    expect(await world.house.told()).toEqual(['mode:valid', 'mode:revoked', 'mode:valid']);
  });

  it('names others, and those who are only alike: nothing changes here', async () => {
    world.portal.publish({ revoked: ['LIC-10', 'lic-1', ' LIC-1', 'LIC'], suspended: ['LIC-1 '] });
    await anHour();
    expect(await world.state()).toMatchObject({ mode: 'valid', crl: { number: 2, revoked: 5 } });
  });

  it('that revokes is not undone by a renewal, nor by a licence put in by hand', async () => {
    world.portal.publish({ revoked: ['LIC-1'] });
    await world.look('request');
    await world.install(world.portal.license());
    expect(await world.state()).toMatchObject({ mode: 'revoked', reason: 'revoked' });
  });

  it('of an older number, played again, is refused: over the line and by hand', async () => {
    const clean = world.portal.crl();
    world.portal.publish({ revoked: ['LIC-1'] });
    await anHour();
    world.portal.onList = (_tag, response) => json(response, clean);
    await anHour();
    expect(await world.state()).toMatchObject({ mode: 'revoked', crl: { number: 2 } });
    await expect(world.install(clean)).rejects.toMatchObject({ reason: 'lower number' });
    expect(world.house.lines).toContainEqual(
      expect.objectContaining({ event: 'license-refused', source: 'list', reason: 'lower number' }),
    );
  });

  it('of the same number with other bytes is an alarm, and changes nothing', async () => {
    world.portal.publish({ revoked: ['LIC-1'] });
    await anHour();
    const other = world.portal.crl({ revoked: [] });
    world.portal.onList = (_tag, response) => json(response, other);
    await anHour();
    expect(await world.state()).toMatchObject({ mode: 'revoked', crl: { number: 2, revoked: 1 } });
    expect(world.house.lines).toContainEqual(expect.objectContaining({ event: 'license-alarm' }));
  });

  it('of the same number with other bytes by hand is an alarm too, and the history has it', async () => {
    world.portal.publish({ revoked: ['LIC-1'] });
    await anHour();
    const lines = (await world.house.history()).length;
    await expect(world.install(world.portal.crl({ revoked: [] }))).rejects.toMatchObject({ alarm: true });
    expect(world.house.lines).toContainEqual(expect.objectContaining({ event: 'license-alarm' }));
    expect((await world.house.history()).slice(lines)).toEqual(['refused']);
    expect(await world.state()).toMatchObject({ mode: 'revoked', crl: { number: 2, revoked: 1 } });
  });

  it('of the key before, played again after a rotation, never comes back', async () => {
    const old = world.portal.vendor;
    const fresh = new OwnVendor();
    const both = { LICENSE_PUBLIC_KEY_HEX: `${old.hex},${fresh.hex}` };
    const clean = world.portal.crl({ number: 999 });
    const later = old.crl({
      ...world.portal.list,
      number: 1_000,
      issuedAt: world.portal.inDays(9),
      nextUpdate: world.portal.inDays(99),
    });
    try {
      world.portal.vendor = fresh;
      world.portal.list = { series: 'B', number: 1, revoked: ['LIC-1'], suspended: [] };
      await world.look('request', both);
      expect(await world.state()).toMatchObject({ mode: 'revoked', crl: { series: 'B' } });
      for (const replayed of [clean, later]) {
        await expect(world.install(replayed, both)).rejects.toMatchObject({ reason: 'left series' });
      }
      await world.emptyTables();
      await expect(world.install(later, both)).rejects.toMatchObject({ reason: 'left series' });
      expect(await world.look('hour', both)).toMatchObject({ mode: 'revoked' });
    } finally {
      world.portal.vendor = old;
    }
  });

  it('of the greatest length that is taken is read, and one that is longer changes nothing', async () => {
    const ids = (count: number): string[] =>
      Array.from({ length: count }, (_, n) => `LIC-${String(n).padStart(12, '0')}`);
    world.portal.publish({ revoked: [...ids(40_000), 'LIC-1'] });
    await anHour();
    expect(await world.state()).toMatchObject({ mode: 'revoked', crl: { number: 2, revoked: 40_001 } });
    world.portal.publish({ revoked: ids(60_000) });
    await anHour();
    expect(await world.state()).toMatchObject({ mode: 'revoked', crl: { number: 2 } });
  });

  it('that does not come is a warning, two weeks later not renewed, and never revoked', async () => {
    world.portal.terms = { ...world.portal.terms, days: 300 };
    await world.licensed();
    world.portal.publish({});
    await world.install(world.portal.crl({ nextUpdate: world.portal.inDays(7) }));
    await world.days(7.01);
    await world.offline();
    expect(await world.state()).toMatchObject({ mode: 'valid', crl: { stale: true } });
    await world.days(14);
    await world.offline();
    expect(await world.state()).toMatchObject({ mode: 'grace', reason: 'revocation list stale', graceDaysLeft: 7 });
    await world.days(7);
    await world.offline();
    expect(await world.state()).toMatchObject({ mode: 'limited', reason: 'revocation list stale' });
    world.portal.publish({});
    await world.look('request');
    expect(await world.state()).toMatchObject({ mode: 'valid', crl: { stale: false } });
  });

  it('below the number that the licence asks for is fetched at once', async () => {
    await world.install(world.portal.license({ minCrl: 2 }));
    expect(await world.state()).toMatchObject({ mode: 'valid', crl: { number: 1, stale: true } });
    world.portal.publish({});
    await world.look('clock');
    expect(await world.state()).toMatchObject({ mode: 'valid', crl: { number: 2, stale: false } });
  });

  it('dated two years ahead is refused, over the line as by hand, and shortens nothing', async () => {
    world.portal.publish({ revoked: ['LIC-1'] });
    const wrong = world.portal.crl({ issuedAt: world.portal.inDays(730), nextUpdate: world.portal.inDays(737) });
    await expect(world.install(wrong)).rejects.toMatchObject({ reason: 'from the future' });
    await world.offline();
    expect(await world.state()).toMatchObject({ mode: 'valid', crl: { number: 1 }, clock: { verdict: 'ok' } });
    world.portal.onList = (_, response) => json(response, wrong);
    await anHour();
    expect(await world.state()).toMatchObject({ mode: 'valid', crl: { number: 1 }, clock: { verdict: 'ok' } });
    world.portal.onList = null;
    await anHour();
    expect(await world.state()).toMatchObject({ mode: 'revoked', crl: { number: 2 } });
  });
});

describe('a licence that asks for a list of at least number 50', () => {
  beforeEach(async () => {
    world.portal.terms = { ...world.portal.terms, minCrl: 50 };
  });

  it.each(['over the line', 'by hand'])(
    'is not revoked by a list with a lower number %s: it is refused',
    async (way) => {
      await world.look('request');
      world.portal.publish({ revoked: ['LIC-1'] });
      if (way === 'by hand') {
        await expect(world.install(world.portal.crl())).rejects.toMatchObject({ reason: 'lower number' });
      } else await world.look('request');
      expect(await world.state()).toMatchObject({ mode: 'valid', minCrl: 50, crl: { number: 1, stale: true } });
      world.portal.list = { ...world.portal.list, number: 50 };
      await world.look('request');
      expect(await world.state()).toMatchObject({ mode: 'revoked', crl: { number: 50, stale: false } });
    },
  );

  it('leaves in force a list that was held before: it warns, and takes no revocation back', async () => {
    world.portal.publish({ revoked: ['LIC-1'] });
    await world.install(world.portal.crl());
    await world.look('request');
    await world.offline();
    expect(await world.state()).toMatchObject({ mode: 'revoked', minCrl: 50, crl: { number: 2, stale: true } });
  });
});

describe('the portal’s word', () => {
  it.each(['revoked', 'suspended'] as const)(
    '%s: limited at once; asked again at every look, and taken back by a renewal',
    async (code) => {
      world.portal.refuses = { code, message: 'Llame a su proveedor.' };
      await world.look('request');
      expect(await world.state()).toMatchObject({ mode: 'revoked', reason: code, lastRefusal: { code } });
      world.portal.refuses = null;
      await anHour();
      expect(await world.state()).toMatchObject({ mode: 'valid', lastRefusal: null });
      expect(await world.house.told()).toEqual(['mode:valid', 'mode:revoked', 'mode:valid']);
    },
  );

  it.each(['unpaid', 'unknown', 'rebind-too-soon', 'REVOKED', 'revoked ', 'limited', 'invalid'])(
    '%j means not renewed, and is shown',
    async (code) => {
      world.portal.refuses = { code, message: 'Falta un pago.' };
      await world.look('request');
      expect(await world.state()).toMatchObject({ mode: 'valid', lastRefusal: { code, message: 'Falta un pago.' } });
    },
  );

  it('of before a licence that the vendor issued later, brought by hand, stands no more', async () => {
    world.portal.refuses = { code: 'suspended', message: '' };
    await world.look('request');
    await world.days(1);
    await world.licensed();
    expect(await world.state()).toMatchObject({ mode: 'valid' });
  });

  it('is not taken back by a list of a stranger, an older licence or an answer that is played again', async () => {
    await world.look('request');
    const yes = world.portal.answers.at(-1)!;
    const before = world.portal.license();
    await world.days(1);
    world.portal.refuses = { code: 'suspended', message: '' };
    await world.look('request');
    for (const document of [before, yes, new OwnVendor().crl({ series: 'A', number: 9 })]) {
      await world.install(document).catch(() => undefined);
      world.portal.onRenew = (_question, response) => json(response, document);
      await world.look('request');
      expect(await world.state()).toMatchObject({ mode: 'revoked', reason: 'suspended' });
    }
  });
});
