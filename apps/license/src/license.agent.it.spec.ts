import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startPortal, until, type RunningPortal } from '@nexora/testing';
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

describe('the license agent as a process, with a portal over real sockets', () => {
  it('starts without a licence, healthy, takes one by a job, renews it on request and knows the revocation list', async () => {
    const agent = await house.start();
    await house.mode('invalid');
    const { envelope, id } = await portal.vendor.issue(order);
    expect(await house.job('license.install', { envelope: JSON.stringify(envelope) })).toMatchObject({
      state: 'done',
      result: { mode: 'valid', reason: null, renewed: true, notRenewed: null },
    });
    const before = await house.state();
    expect(await house.job('license.sync')).toMatchObject({ state: 'done', result: { mode: 'valid', renewed: true } });
    const after = await house.state();
    expect(after.issuedAt! > before.issuedAt!).toBe(true);
    expect(after).toMatchObject({
      id,
      mode: 'valid',
      crl: { number: expect.any(Number), stale: false },
      clock: { verdict: 'ok' },
    });
    expect(after.lastSuccess).not.toBeNull();
    expect(await house.modes()).toEqual(['invalid', 'valid']);
    for (const secret of [order.rfc, order.customer, envelope.payload]) expect(agent.output).not.toContain(secret);
  });

  it('starts offline with a licence; a renewal asked for without a line waits, burns no attempt, and comes with the line', async () => {
    const { envelope, license } = await portal.vendor.issue(order);
    await house.install(envelope);
    await portal.client.internet('cut');
    await house.line('offline');
    try {
      await house.start();
      await house.mode('valid');
      expect(await house.job('license.sync')).toMatchObject({
        state: 'done',
        result: { mode: 'valid', renewed: false },
      });
      expect(await house.jobs('license.renew')).toEqual([{ state: 'pending', attempts: 0, lastError: null }]);
    } finally {
      await portal.client.internet('restore');
    }
    await house.line('online');
    await house.stateWhen(({ issuedAt }) => issuedAt !== license.issuedAt, 'the renewal to come with the line');
    const done = async () => (await house.jobs('license.renew'))[0]?.state === 'done';
    await until(done, { within: 10_000, what: 'the renewal to be done' });
    expect(await house.jobs('license.renew')).toEqual([{ state: 'done', attempts: 1, lastError: null }]);
  });

  it('two processes: one asks the portal at a time, and each change is told once; a stop does not wait for a slow portal', async () => {
    await house.install((await portal.vendor.issue(order)).envelope);
    await portal.client.misbehave('delay:20000');
    const agents = [await house.start('license-1'), await house.start('license-2')];
    const asked = (await portal.client.log()).length;
    const begin = performance.now();
    await Promise.all(agents.map((agent) => agent.stop()));
    expect(performance.now() - begin).toBeLessThan(15_000);
    expect((await portal.client.log()).length - asked).toBeLessThanOrEqual(1);
    expect(await house.modes()).toEqual(['valid']);
  });
});
