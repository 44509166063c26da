import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startPortal, type RunningPortal } from '@nexora/testing';
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
});
