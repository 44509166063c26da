import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startPortal, type RunningPortal } from '@nexora/testing';
import { ProcessHouse } from './process-house.conformance.ts';

// What the vendor recalls and gives back, with the agent as a process and the sandbox portal as another.

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
  world = await ProcessHouse.open({ LICENSE_PUBLIC_KEY_HEX: portal.keys, LICENSE_PORTAL_URL: portal.url });
}, 30_000);

afterEach(() => world.close());

describe('a licence that the vendor recalls', () => {
  it('is revoked, suspended and reinstated by the list and work waits and goes on', async () => {
    const { envelope, id } = await portal.vendor.issue(order);
    await world.install(envelope);
    await world.start();
    await world.house.stateWhen(({ crl }) => crl.number > 0, 'the first list');
    await portal.vendor.suspend(id);
    expect(await world.house.job('license.sync')).toMatchObject({ state: 'done', result: { mode: 'revoked' } });
    expect(await world.house.state()).toMatchObject({ reason: 'suspended' });
    await world.sendings(2);
    await world.house.stateWhen(({ waits }) => waits[0]?.waiting === 2, '2 that wait');
    await portal.client.misbehave('older-crl+500');
    expect(await world.house.job('license.sync')).toMatchObject({ result: { mode: 'revoked' } });
    await portal.client.misbehave('none');
    await portal.vendor.reinstate(id);
    expect(await world.house.job('license.sync')).toMatchObject({ result: { mode: 'valid' } });
    await world.sent(2);
    await portal.vendor.revoke(id);
    expect(await world.house.job('license.sync')).toMatchObject({ result: { mode: 'revoked', reason: 'revoked' } });
    expect(world.outside.doubles).toEqual([]);
  }, 60_000);
});
