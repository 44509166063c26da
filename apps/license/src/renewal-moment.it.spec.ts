import { expect, it } from '@jest/globals';
import { licenseAt } from './desk-house.conformance.ts';
import { PortalHouse } from './portal-house.conformance.ts';

const MINUTE_MS = 60_000;
const here = PortalHouse.forTests();

/** A licence whose file lives for 15 minutes, and that the portal renewed just now. */
async function shortLived(): Promise<void> {
  const until = (at: Date): object => ({ validUntil: new Date(at.getTime() + 15 * MINUTE_MS).toISOString() });
  await here().licensed(until(await here().house.now()));
  here().renews(({ nonce }, now) =>
    here().replied(nonce, now, { license: here().house.vendor.license(licenseAt(now, until(now))) }),
  );
  await here().desk.sync();
}

it('looks again when two thirds of a short file’s life have passed, and renews it then', async () => {
  await shortLived();
  const { nextCheckMs } = await here().desk.cycle.run('hour');
  expect(nextCheckMs).toBeGreaterThan(9.8 * MINUTE_MS);
  expect(nextCheckMs).toBeLessThanOrEqual(10 * MINUTE_MS);
  await here().house.pass(nextCheckMs);
  expect(await here().desk.cycle.run('hour')).toMatchObject({ mode: 'valid', renewed: true });
});

it('does not look in a loop when the renewal fails then: it waits in the outbox, and the file’s end is the next moment', async () => {
  await shortLived();
  here().stub.answers((_, response) => void response.writeHead(500).end());
  await here().house.pass(10 * MINUTE_MS);
  const { nextCheckMs, missed } = await here().desk.cycle.run('hour');
  expect(missed).toMatchObject({ again: true });
  expect(nextCheckMs).toBeGreaterThan(4.8 * MINUTE_MS);
  expect(await here().house.waitingRenewals()).toBe(1);
});
