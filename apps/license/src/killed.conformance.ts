import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { RunningPortal } from '@nexora/testing';
import { AgentHouse } from './agent-house.conformance.ts';
import type { FailpointName } from './failpoint.ts';

/**
 * An agent dies at this place of its first renewal, and starts again: the licence is renewed, Postgres and the folder
 * hold the same, and the change of mode was told once.
 */
export async function killedAt(place: FailpointName, portal: RunningPortal): Promise<void> {
  const house = await AgentHouse.open({ LICENSE_PUBLIC_KEY_HEX: portal.keys, LICENSE_PORTAL_URL: portal.url });
  try {
    const { envelope, license } = await portal.vendor.issue({ customer: 'Killed', rfc: 'EKU9003173C9' });
    await house.install(envelope);
    const marker = join(house.dir, 'marker');
    const doomed = await house.start('license-1', { NEXORA_FAILPOINT: `${place}:${marker}` }, true);
    expect(await doomed.exited).toMatchObject({ signal: 'SIGKILL' });
    expect(existsSync(marker)).toBe(true);
    await house.start('license-1');
    const renewed = ({ issuedAt, lastSuccess }: { issuedAt: string | null; lastSuccess: string | null }): boolean =>
      lastSuccess !== null && issuedAt !== null && issuedAt > license.issuedAt;
    const state = await house.stateWhen(renewed, `the renewal after a death at ${place}`);
    expect(state.mode).toBe('valid');
    await house.stopAgents();
    expect(await house.modes()).toEqual(['valid']);
    const [row] = await house.database.query<{ document: unknown; mark: unknown }>({
      text: 'SELECT document, mark FROM license.state',
    });
    const kept = JSON.parse(await readFile(join(house.dir, 'license', 'state.json'), 'utf8')) as object;
    expect(kept).toMatchObject({ document: row?.document, mark: row?.mark });
  } finally {
    await house.close();
  }
}
