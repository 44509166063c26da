import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { until } from '@nexora/testing';
import type { FailpointName } from '../failpoint.ts';
import { OwnPortal } from './own-portal.conformance.ts';
import { OwnVendor } from './own-vendor.conformance.ts';
import { NOWHERE } from './world.conformance.ts';
import { ProcessHouse } from './process-house.conformance.ts';

/**
 * Two agents look at one licence while it runs out; the first dies by kill -9 at this place of the look in which the
 * mode changes. Each change is told once, by whichever of them; nobody sends without a licence, and nothing twice.
 */
export async function toldOnce(place: FailpointName): Promise<void> {
  const vendor = new OwnVendor();
  const portal = await OwnPortal.open(vendor);
  const world = await ProcessHouse.open({ LICENSE_PUBLIC_KEY_HEX: vendor.hex, LICENSE_PORTAL_URL: NOWHERE });
  try {
    portal.terms = { ...portal.terms, days: 10 };
    await world.install(portal.license());
    const marker = join(world.house.dir, 'marker');
    await writeFile(marker, ''); // as long as it is there, nobody dies
    const mortal = { NEXORA_FAILPOINT: `${place}:${marker}` };
    const [doomed] = await Promise.all([world.start('license-1', mortal), world.start('license-2')]);
    await world.house.mode('valid');
    await rm(marker);
    await world.days(10.01);
    expect(await doomed.exited).toMatchObject({ signal: 'SIGKILL' });
    expect(existsSync(marker)).toBe(true);
    expect(await world.house.mode('grace')).toMatchObject({ graceDaysLeft: 7 });
    await world.days(7);
    await world.house.mode('limited');
    await world.sendings(3);
    await world.house.stateWhen(({ waits }) => waits[0]?.waiting === 3, '3 that wait');
    await until(() => world.modesTold().length >= 2, { what: 'the limited mode to be told' });
    const told = ['mode:grace', 'mode:limited']; // the installation was before anybody was to be told
    expect(world.modesTold()).toEqual(told);
    expect(world.outside.count('sending')).toBe(0);
    portal.offsetMs = world.passedSeconds * 1_000;
    expect(await world.house.job('license.install', { envelope: JSON.stringify(portal.license()) })).toMatchObject({
      state: 'done',
      result: { mode: 'valid' },
    });
    await world.sent(3);
    await until(() => world.modesTold().length >= 3, { what: 'the return to be told' });
    await world.stopAgents();
    expect(world.modesTold()).toEqual([...told, 'mode:valid']);
    expect(world.outside.doubles).toEqual([]);
  } finally {
    await world.close();
    await portal.close();
  }
}
