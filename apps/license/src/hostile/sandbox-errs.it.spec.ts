import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import { startPortal, type RunningPortal } from '@nexora/testing';
import type { LicenseState } from '../license-state.ts';
import { World } from './world.conformance.ts';

// Every misbehaviour that the sandbox portal knows, against a house whose licence is valid: the mode, the licence and the
// list stay as they are, and the renewal waits in the outbox.

let dir: string;
let portal: RunningPortal;
let world: World;
let keys: { LICENSE_PUBLIC_KEY_HEX: string; LICENSE_PORTAL_URL: string };

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nexora-portal-'));
  [portal, world] = await Promise.all([startPortal({ dir }), World.open()]);
  keys = { LICENSE_PUBLIC_KEY_HEX: portal.keys, LICENSE_PORTAL_URL: portal.url };
  const { envelope } = await portal.vendor.issue({ customer: 'Escuela Kemper Urgate', rfc: 'EKU9003173C9' });
  await world.install(envelope, keys);
  // So that an older list is one, and the answer before is there to be played again.
  const other = await portal.vendor.issue({ customer: 'Another', rfc: 'EKU9003173C9' });
  await portal.vendor.suspend(other.id);
  await world.look('request', keys);
  expect(await world.state()).toMatchObject({ mode: 'valid', crl: { revoked: 1 } });
}, 60_000);

afterAll(async () => {
  await world.close();
  await portal.stop();
  await rm(dir, { recursive: true, force: true });
});

afterEach(async () => {
  jest.restoreAllMocks();
  await portal.client.misbehave('none');
});

const untouched = ({
  mode,
  reason,
  id,
  issuedAt,
  validUntil,
  kid,
  crl: { series, number },
}: LicenseState): unknown => ({
  ...{ mode, reason, id, issuedAt, validUntil, kid, series, number },
});

const RENEWALS = [
  ...['500', '503', '404', '429', '511', 'html', 'redirect', 'drop', 'drop-after', 'truncated', 'huge', 'text-type'],
  ...['bad-json', 'duplicate-key', 'wrong-signature', 'wrong-type', 'unknown-key', 'wrong-nonce', 'wrong-id'],
  ...['unsigned-refusal', 'no-license', 'expired', 'future', 'older', 'wrong-license-signature'],
  ...['html-all', 'all-500', 'all-511', 'all-redirect', 'all-drop', 'all-truncated', 'all-huge', 'all-wrong-signature'],
];
const LISTS = [
  ...['older-crl', 'same-number-crl', 'crl-500', 'crl-html', 'crl-redirect', 'crl-truncated', 'crl-huge'],
  ...['crl-text-type', 'crl-wrong-signature', 'crl-wrong-type', 'crl-unknown-key', 'crl-drop'],
];

it.each(RENEWALS)('%s: not renewed, and nothing else', async (word) => {
  const before = untouched(await world.state());
  await portal.client.misbehave(word);
  expect(await world.look('request', keys)).toMatchObject({ mode: 'valid', renewed: false, missed: { again: true } });
  expect(untouched(await world.state())).toEqual(before);
  expect(await world.house.waitingRenewals()).toBe(1);
  expect(await world.house.told()).toEqual(['mode:valid']);
});

it.each(LISTS)('%s: the list stays, whether the renewal comes or not', async (word) => {
  const { crl } = await world.state();
  await portal.client.misbehave(`${word}+500`);
  await world.look('request', keys);
  await portal.client.misbehave(word);
  expect(await world.look('request', keys)).toMatchObject({ mode: 'valid', renewed: true });
  expect((await world.state()).crl).toMatchObject({ series: crl.series, number: crl.number, revoked: crl.revoked });
});

it.each(['delay:600000', 'drip:60000', 'all-delay:600000'])(
  '%s: the visit ends at its limit, which is moved here',
  async (word) => {
    const before = untouched(await world.state());
    const asked = (await portal.client.log()).length;
    const limit = new AbortController();
    jest.spyOn(AbortSignal, 'timeout').mockReturnValue(limit.signal);
    await portal.client.misbehave(word);
    const look = world.look('request', keys);
    while ((await portal.client.log()).length === asked) await portal.client.state();
    limit.abort();
    expect(await look).toMatchObject({ mode: 'valid', missed: { word: 'time-out' } });
    expect(untouched(await world.state())).toEqual(before);
  },
);

it.each(['unpaid', 'rebind-too-soon', 'busy'])(
  'a signed refusal %s: shown, not renewed, and the mode stays',
  async (code) => {
    await portal.client.misbehave(`signed-refusal:${code}`);
    expect(await world.look('request', keys)).toMatchObject({ mode: 'valid', renewed: false });
    expect(await world.state()).toMatchObject({ mode: 'valid', lastRefusal: { code } });
    await portal.client.misbehave('none');
    expect(await world.look('request', keys)).toMatchObject({ mode: 'valid', renewed: true });
  },
);
