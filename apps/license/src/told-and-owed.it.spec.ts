import { expect, it } from '@jest/globals';
import { DAY_MS, licenseAt } from './desk-house.conformance.ts';
import { HOUR_MS, PortalHouse } from './portal-house.conformance.ts';

const here = PortalHouse.forTests();

it('a reply that is not taken leaves the renewal owed: the job that waits for it asks again', async () => {
  const at = await here().licensed();
  const ended = licenseAt(at, { validUntil: new Date(at.getTime() - DAY_MS).toISOString() });
  here().renews(({ nonce }, now) => here().replied(nonce, now, { license: here().house.vendor.license(ended) }));
  await here().desk.sync();
  expect(await here().house.waitingRenewals()).toBe(1);
  expect(await here().desk.cycle.run('renewal')).toMatchObject({ missed: { word: 'not-taken', again: true } });
  expect(here().asks()).toHaveLength(2);
  here().renews(here().renewing);
  expect(await here().desk.cycle.run('renewal')).toMatchObject({ renewed: true, missed: undefined });
  await here().desk.cycle.run('renewal');
  expect(here().asks()).toHaveLength(3);
});

it('a list that could not be fetched is told, with the reason; the renewal of the same visit is taken', async () => {
  await here().licensed();
  here().renews(here().renewing); // a portal without a list: 404
  const end = await here().desk.cycle.run('request');
  expect(end).toMatchObject({ renewed: true, listMissed: 'El portal de licencias respondió con un error.' });
  expect(here().house.lines).toContainEqual(
    expect.objectContaining({ event: 'license-list-not-fetched', why: 'status' }),
  );
});

it('the list is fetched with every renewal, and at every hour while the licence is suspended by it', async () => {
  const at = await here().licensed({ validUntil: new Date(Date.now() + 300 * DAY_MS).toISOString() });
  const list = (number: number, suspended: string[]): object =>
    here().house.vendor.crl({
      ...{ series: 's1', number, revoked: [], suspended },
      issuedAt: at.toISOString(),
      nextUpdate: new Date(at.getTime() + 7 * DAY_MS).toISOString(),
    });
  let inForce = list(1, ['LIC-1']);
  here().stub.answers((reached, response) => {
    if (reached.method === 'POST') return void response.writeHead(500).end();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(inForce));
  });
  expect(await here().desk.cycle.run('start')).toMatchObject({ mode: 'revoked', reason: 'suspended' });
  inForce = list(2, []);
  await here().house.pass(HOUR_MS / 2);
  expect(await here().desk.cycle.run('hour')).toMatchObject({ mode: 'valid' });
});
