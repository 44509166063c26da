import { describe, expect, it } from '@jest/globals';
import { DAY_MS, licenseAt } from './desk-house.conformance.ts';
import { json } from './portal/portal-stub.conformance.ts';
import { HOUR_MS, PortalHouse } from './portal-house.conformance.ts';

const here = PortalHouse.forTests();

describe('time', () => {
  it('is set right by a fresh reply, downwards too, and so one wrong year locks nobody out', async () => {
    const at = await here().licensed();
    here().renews(({ nonce }) =>
      here().replied(nonce, at, { license: here().house.vendor.license(licenseAt(at, { plan: 'more' })) }),
    );
    await here().house.moveClock(2 * 365 * DAY_MS);
    here().house.machine.restart('boot-2');
    expect(await here().desk.cycle.run('hour')).toMatchObject({ mode: 'valid' });
    expect(Date.parse((await here().desk.show()).clock.time!)).toBeLessThan(at.getTime() + HOUR_MS);
  });

  it('is not turned back by two months on the wall', async () => {
    await here().licensed();
    here().renews(here().renewing);
    await here().desk.sync();
    await here().house.pass(25 * DAY_MS);
    here().renews(() => ({}));
    await here().desk.cycle.run('hour');
    await here().house.moveClock(-60 * DAY_MS);
    expect(await here().desk.cycle.run('hour')).toMatchObject({ mode: 'valid' });
    expect((await here().desk.show()).clock).toMatchObject({ verdict: 'behind' });
    await here().house.pass(6 * DAY_MS);
    expect(await here().desk.cycle.run('hour')).toMatchObject({ mode: 'grace', reason: 'file expired' });
    expect(here().house.lines).toContainEqual(
      expect.objectContaining({ event: 'license-clock-wrong', verdict: 'behind' }),
    );
  });
});

describe('the revocation list', () => {
  const list = (at: Date, number: number, changes: object = {}): object =>
    here().house.vendor.crl({
      series: 's1',
      number,
      issuedAt: at.toISOString(),
      nextUpdate: new Date(at.getTime() + 7 * DAY_MS).toISOString(),
      revoked: [],
      suspended: [],
      ...changes,
    });

  function portalLists(envelope: object, etag = '"1"'): void {
    here().stub.answers((reached, response) => {
      if (reached.method === 'POST') return void response.writeHead(500).end();
      if (reached.headers['if-none-match'] === etag) return void response.writeHead(304).end();
      json(response, envelope, { etag });
    });
  }

  it('is fetched once and then asked for by its tag', async () => {
    const at = await here().licensed();
    portalLists(list(at, 7));
    await here().desk.cycle.run('start');
    expect(await here().desk.show()).toMatchObject({
      crl: { series: 's1', number: 7, stale: false, revoked: 0, ageSeconds: expect.any(Number) },
    });
    await here().desk.cycle.run('start');
    const tags = here()
      .stub.reached.filter(({ method }) => method === 'GET')
      .map(({ headers }) => headers['if-none-match']);
    expect(tags).toEqual([undefined, '"1"']);
  });

  it('revokes, suspends and reinstates; each change is told once', async () => {
    const at = await here().licensed();
    for (const [number, changes, mode] of [
      [1, { revoked: ['LIC-1'] }, 'revoked'],
      [2, {}, 'valid'],
      [3, { suspended: ['LIC-1'] }, 'revoked'],
      [4, {}, 'valid'],
    ] as const) {
      portalLists(list(at, number, changes), `"${number}"`);
      expect(await here().desk.cycle.run('start')).toMatchObject({ mode });
    }
    expect(await here().house.told()).toEqual([
      'mode:valid',
      'mode:revoked',
      'mode:valid',
      'mode:revoked',
      'mode:valid',
    ]);
  });

  it('with a lower number is refused, the same number with other bytes is an alarm', async () => {
    const at = await here().licensed();
    portalLists(list(at, 5, { revoked: ['LIC-1'] }));
    expect(await here().desk.cycle.run('start')).toMatchObject({ mode: 'revoked' });
    portalLists(list(at, 4), '"older"');
    expect(await here().desk.cycle.run('start')).toMatchObject({ mode: 'revoked' });
    portalLists(list(at, 5), '"other"');
    expect(await here().desk.cycle.run('start')).toMatchObject({ mode: 'revoked' });
    expect(here().house.lines.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['license-refused', 'license-alarm']),
    );
    expect(await here().desk.show()).toMatchObject({ crl: { number: 5 } });
  });

  it('past its next update warns, and 14 days later is as "not renewed", never "revoked"', async () => {
    const at = await here().licensed({ validUntil: new Date(Date.now() + 300 * DAY_MS).toISOString() });
    portalLists(list(at, 1));
    await here().desk.cycle.run('start');
    here().stub.answers((_, response) => void response.writeHead(500).end());
    await here().house.pass(8 * DAY_MS);
    expect(await here().desk.cycle.run('hour')).toMatchObject({ mode: 'valid' });
    expect(await here().desk.show()).toMatchObject({ crl: { stale: true } });
    await here().house.pass(13 * DAY_MS);
    expect(await here().desk.cycle.run('hour')).toMatchObject({
      mode: 'grace',
      reason: 'revocation list stale',
      graceDaysLeft: 7,
    });
    await here().house.pass(7 * DAY_MS);
    expect(await here().desk.cycle.run('hour')).toMatchObject({ mode: 'limited', reason: 'revocation list stale' });
  });
});

describe('warnings', () => {
  it('come 30, 14, 7, 3 and 1 days before the contract ends, each once, with what will wait', async () => {
    await here().licensed({
      paidUntil: new Date((await here().house.now()).getTime() + 40 * DAY_MS).toISOString(),
      validUntil: new Date((await here().house.now()).getTime() + 100 * DAY_MS).toISOString(),
    });
    for (let day = 0; day < 40; day += 1) {
      await here().house.pass(DAY_MS);
      await here().desk.cycle.run('clock');
      await here().desk.cycle.run('clock');
    }
    expect(await here().house.told()).toEqual([
      'mode:valid',
      'expiring:30',
      'expiring:14',
      'expiring:7',
      'expiring:3',
      'expiring:1',
      'mode:grace',
    ]);
    const [row] = await here().house.owner.query<{ waits: string[] }>({
      text: `SELECT payload -> 'waits' AS waits FROM agents.job WHERE payload ->> 'days' = '30'`,
    });
    expect(row?.waits).toEqual(['license.sending']);
  });
});
