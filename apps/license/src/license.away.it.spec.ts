import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startPortal, TcpProxy, until, type RunningPortal } from '@nexora/testing';
import { AgentHouse } from './agent-house.conformance.ts';

let portal: RunningPortal;
let dir: string;
let house: AgentHouse;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nexora-portal-'));
  portal = await startPortal({ dir });
}, 60_000);

afterAll(async () => {
  await portal.stop();
  await rm(dir, { recursive: true, force: true });
});

beforeEach(async () => {
  await portal.client.misbehave('none');
  house = await AgentHouse.open({ LICENSE_PUBLIC_KEY_HEX: portal.keys, LICENSE_PORTAL_URL: portal.url });
}, 30_000);

afterEach(() => house.close());

const order = { customer: 'Escuela Kemper Urgate', rfc: 'EKU9003173C9' };

describe('the license agent when something is away', () => {
  it('an expiry shows when it happens; Postgres that was away changes nothing', async () => {
    const validUntil = new Date(Date.now() + 3_600_000);
    await house.install((await portal.vendor.issue({ ...order, validUntil })).envelope);
    const proxy = await TcpProxy.to(house.databaseUrl);
    await portal.client.internet('cut');
    try {
      await house.start('license-1', { DATABASE_URL: proxy.through(house.databaseUrl) });
      await house.mode('valid');
      await proxy.cut();
      await house.moveClock(7_200_000);
      await proxy.restore();
      const state = await house.mode('grace');
      expect(state).toMatchObject({ reason: 'file expired', graceDaysLeft: 7 });
      expect(state.message).toContain('7 días');
    } finally {
      await house.stopAgents();
      await proxy.end();
      await portal.client.internet('restore');
    }
  });

  it('an expiry shows when it happens too when the licence was brought to a running agent from the command line', async () => {
    await portal.client.internet('cut');
    try {
      await house.start();
      await house.mode('invalid');
      const validUntil = new Date(Date.now() + 8_000);
      await house.install((await portal.vendor.issue({ ...order, validUntil })).envelope);
      await house.mode('valid');
      expect(await house.mode('grace')).toMatchObject({ reason: 'file expired', graceDaysLeft: 7 });
      expect(await house.modes()).toEqual(['invalid', 'valid', 'grace']);
    } finally {
      await portal.client.internet('restore');
    }
  });

  it('with AGENTS_ENABLED=false it is healthy and looks at nothing; switched on it looks', async () => {
    const idle = await house.start('license-1', { AGENTS_ENABLED: 'false' });
    await house.enqueue('license.sync');
    await idle.stop();
    expect(await house.state()).toMatchObject({ lastCheck: null, mode: 'invalid', reason: 'no license' });
    await house.start('license-1');
    await house.mode('invalid');
    const done = async () => (await house.jobs('license.sync'))[0]?.state === 'done';
    await until(done, { within: 10_000, what: 'the job that was handed over meanwhile' });
  });
});
