import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import { Home } from '../home.ts';
import { appLaunch, GATEWAY, gatewayUrl } from './launches.ts';

const folder = mkdtempSync(join(tmpdir(), 'nexora-launch-'));
const before = process.env['GATEWAY_PORT'];

afterEach(() => {
  delete process.env['GATEWAY_PORT'];
  if (before !== undefined) process.env['GATEWAY_PORT'] = before;
  rmSync(folder, { recursive: true, force: true });
});

it.each([
  [{}, 'http://127.0.0.1:8080'],
  [{ GATEWAY_HOST: '0.0.0.0' }, 'http://127.0.0.1:8080'],
  [{ GATEWAY_HOST: '192.168.1.20', TLS_CERT_FILE: 'cert.pem' }, 'https://192.168.1.20:8080'],
  [{ GATEWAY_HOST: '::1' }, 'http://[::1]:8080'],
])('the API of a gateway with %j is reached at %s', (env, url) => {
  expect(gatewayUrl({ ...env, GATEWAY_PORT: '8080' })).toBe(url);
});

it('a taken port of the gateway is tried again on another port only when the house chose it', async () => {
  const postgres = { url: 'postgresql://127.0.0.1:1/nexora', ref: null, given: true, logins: {} };
  const house = { home: new Home(folder), state: { postgres } };
  house.home.prepare();
  const taken = 'admin-gateway: Port 8080 of 127.0.0.1 is taken by another program. Choose another';
  for (const [given, isChosen] of [
    ['', true],
    ['0', true],
    ['8080', false],
    ['eighty', false],
  ] as const) {
    process.env['GATEWAY_PORT'] = given;
    const { env, mendedByRestart } = await appLaunch(GATEWAY, house);
    expect([given, mendedByRestart?.test(taken) ?? false]).toEqual([given, isChosen]);
    if (!isChosen) expect(env['GATEWAY_PORT']).toBe(given);
    else expect(Number(env['GATEWAY_PORT'])).toBeGreaterThan(1_023);
  }
});
