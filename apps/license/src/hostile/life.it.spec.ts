import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startPortal, type RunningPortal } from '@nexora/testing';
import { ProcessHouse } from './process-house.conformance.ts';

// A licence's life with the agent as a process, the sandbox portal as another, and work that needs the licence.

const order = { customer: 'Escuela Kemper Urgate', rfc: 'EKU9003173C9', validDays: 10 };
let dir: string;
let portal: RunningPortal;
let world: ProcessHouse;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nexora-portal-'));
  portal = await startPortal({ dir });
}, 60_000);

afterAll(async () => {
  await portal.stop();
  await rm(dir, { recursive: true, force: true });
});

beforeEach(async () => {
  await portal.client.clock(0);
  await portal.client.internet('cut');
  world = await ProcessHouse.open({ LICENSE_PUBLIC_KEY_HEX: portal.keys, LICENSE_PORTAL_URL: portal.url });
  await world.house.line('offline');
}, 30_000);

afterEach(() => world.close());

describe('a shop that was cut off from the Internet', () => {
  it('starts valid, runs out into its grace and into the limited mode, and all goes on by itself once the line is back', async () => {
    const { envelope, id } = await portal.vendor.issue(order);
    await world.install(envelope);
    await world.start();
    await world.sendings(2);
    await world.sent(2);
    expect(await world.house.mode('valid')).toMatchObject({ id, lastSuccess: null, crl: { number: 0 } });

    await world.days(10.01);
    expect(await world.house.mode('grace')).toMatchObject({ reason: 'file expired', graceDaysLeft: 7 });
    await world.sendings(1);
    await world.sent(3);
    await world.days(4);
    await world.house.stateWhen(({ graceDaysLeft }) => graceDaysLeft === 3, '3 days of grace');

    await world.days(3);
    expect(await world.house.mode('limited')).toMatchObject({ reason: 'file expired', graceDaysLeft: 0 });
    await world.sendings(5);
    const waits = [{ kind: 'license.sending', waiting: 5 }];
    await world.house.stateWhen((state) => JSON.stringify(state.waits) === JSON.stringify(waits), '5 that wait');
    await world.oneRenewalWaits();
    expect(world.outside.count('sending')).toBe(3);

    await portal.client.clock(world.passedSeconds);
    await portal.client.internet('restore');
    await world.house.line('online');
    expect(await world.house.mode('valid')).toMatchObject({ id, reason: null, clock: { verdict: 'ok' } });
    await world.sent(8);
    await world.renewalEnded();
    expect(world.outside.doubles).toEqual([]);
    // The installation was before the agent said who is to be told.
    expect(world.modesTold()).toEqual(['mode:grace', 'mode:limited', 'mode:valid']);
  }, 60_000);
});
