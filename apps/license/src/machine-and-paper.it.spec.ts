import { describe, expect, it } from '@jest/globals';
import { DAY_MS, licenseAt } from './desk-house.conformance.ts';
import { HOUR_MS, PortalHouse } from './portal-house.conformance.ts';

const here = PortalHouse.forTests();

describe('a request on paper', () => {
  it('is answered within 30 days by a file; the same file again is nothing new, another reply to it is none', async () => {
    await here().licensed();
    const { licenseId, nonce, binding, url } = await here().desk.request();
    expect(url).toBe(
      `${here().stub.url}/v1/offline?request=${Buffer.from(JSON.stringify({ id: licenseId, nonce, binding })).toString('base64url')}`,
    );
    await here().house.pass(29 * DAY_MS);
    const reply = JSON.stringify(here().renewing({ nonce, binding: [...binding] }, await here().house.now()));
    expect(await here().desk.install(reply)).toMatchObject({ took: 'reply', same: false, mode: 'valid' });
    expect(await here().desk.install(reply)).toMatchObject({ took: 'reply', same: true, mode: 'valid' });
    const other = JSON.stringify(
      here().replied(nonce, await here().house.now(), { refusal: { code: 'revoked', message: '' } }),
    );
    await expect(here().desk.install(other)).rejects.toMatchObject({ reason: 'wrong nonce' });
  });

  it('after 30 days is not answered any more', async () => {
    await here().licensed();
    const { nonce, binding } = await here().desk.request();
    await here().house.pass(30 * DAY_MS + HOUR_MS);
    const reply = JSON.stringify(here().renewing({ nonce, binding: [...binding] }, await here().house.now()));
    await expect(here().desk.install(reply)).rejects.toMatchObject({ reason: 'wrong nonce' });
  });
});

describe('the machine', () => {
  it('sends its own binding while two facts are those of the licence, else the licence’s', async () => {
    const { binding } = await here().desk.fingerprint();
    await here().licensed({ binding });
    here().house.machine.facts = { ...here().house.machine.facts, serial: { text: 'another disk', source: 'test' } };
    await here().desk.sync();
    const own = (await here().desk.fingerprint()).binding;
    expect(own).not.toEqual(binding);
    expect(here().lastAsked().binding).toEqual(own);
    here().house.machine.facts = {
      machineId: { text: 'another', source: 'test' },
      serial: { text: 'another', source: 'test' },
    };
    expect(await here().desk.sync()).toMatchObject({ mode: 'grace', reason: 'machine changed', graceDaysLeft: 7 });
    expect(here().lastAsked().binding).toEqual(binding);
  });

  it('that changed has the days of grace from when it was first seen; none equal is limited at once', async () => {
    const { binding } = await here().desk.fingerprint();
    await here().licensed({ binding, validUntil: new Date(Date.now() + 300 * DAY_MS).toISOString() });
    const { facts } = here().house.machine;
    here().house.machine.facts = {
      machineId: { text: 'other', source: 'test' },
      serial: { text: 'other', source: 'test' },
    };
    expect(await here().desk.cycle.run('hour')).toMatchObject({ mode: 'grace', graceDaysLeft: 7 });
    await here().house.pass(3 * DAY_MS + 1_000);
    expect(await here().desk.cycle.run('hour')).toMatchObject({ mode: 'grace', graceDaysLeft: 4 });
    expect(await here().desk.show()).toMatchObject({
      machine: { match: 1, same: false, changedAt: expect.any(String) },
    });
    const elsewhere = here().house.desk({ LICENSE_INSTALLATION_ID: 'elsewhere' });
    expect(await elsewhere.cycle.run('hour')).toMatchObject({ mode: 'limited', reason: 'machine changed' });
    here().house.machine.facts = facts;
    expect(await here().house.desk({ LICENSE_INSTALLATION_ID: 'elsewhere' }).cycle.run('hour')).toMatchObject({
      mode: 'valid',
    });
    expect(await here().desk.show()).toMatchObject({ machine: { match: 2, same: true, changedAt: null } });
  });

  it('may be rebound once in 30 days', async () => {
    const { binding } = await here().desk.fingerprint();
    await here().licensed({ binding });
    here().house.machine.facts = {
      machineId: { text: 'new', source: 'test' },
      serial: { text: 'new', source: 'test' },
    };
    here().renews((asked, now) =>
      here().replied(asked.nonce, now, {
        license: here().house.vendor.license(licenseAt(now, { binding: asked.binding })),
      }),
    );
    expect(await here().desk.rebind()).toMatchObject({ mode: 'valid', renewed: true });
    expect(await here().desk.show()).toMatchObject({ machine: { match: 3, rebindAllowedAt: expect.any(String) } });
    const asked = here().asks().length;
    await expect(here().desk.rebind()).rejects.toMatchObject({
      name: 'Refused',
      es: expect.stringContaining('30 días'),
    });
    expect(here().asks()).toHaveLength(asked);
    await here().house.pass(30 * DAY_MS);
    expect(await here().desk.rebind()).toMatchObject({ renewed: true });
  });
});
