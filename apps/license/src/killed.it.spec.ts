import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startPortal, type RunningPortal } from '@nexora/testing';
import { killedAt } from './killed.conformance.ts';

let dir: string;
let portal: RunningPortal;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nexora-portal-'));
  portal = await startPortal({ dir });
}, 60_000);

afterAll(async () => {
  await portal.stop();
  await rm(dir, { recursive: true, force: true });
});

it('a reply that came before kill -9 and was not recorded is asked for again; nothing is lost, nothing told twice', async () => {
  await killedAt('license.after-answer', portal);
  const renewals = (await portal.client.log()).filter(({ method }) => method === 'POST');
  expect(renewals).toHaveLength(2);
}, 60_000);
