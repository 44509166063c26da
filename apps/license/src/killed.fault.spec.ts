import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, it } from '@jest/globals';
import { startPortal, type RunningPortal } from '@nexora/testing';
import { FAILPOINTS } from './failpoint.ts';
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

it.each(FAILPOINTS)(
  'killed at %s, the next process finds all it needs and tells nothing twice',
  (place) => killedAt(place, portal),
  60_000,
);
