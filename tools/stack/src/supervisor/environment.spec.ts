import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Home } from '../home.ts';
import { environmentOf, KEY, type House } from './environment.ts';

const NAMES = [
  ...[KEY, 'AGENTS_HEARTBEAT_URL', 'STORAGE_URL', 'S3_ENDPOINT', 'PAC_PROVIDER', 'MALLOC_ARENA_MAX'],
  ...['LICENSE_PORTAL_URL', 'LICENSE_PUBLIC_KEY_HEX', 'LICENSE_DIR'],
] as const;
const before = { ...process.env };
const folder = mkdtempSync(join(tmpdir(), 'nexora-environment-'));
const house: House = {
  home: new Home(folder),
  state: {
    postgres: { url: 'postgresql://127.0.0.1:1/nexora', ref: null, given: false, logins: {} },
    storage: { url: 'file:///objects' },
    sandbox: {
      pac: { url: 'http://pac', heartbeatUrl: 'http://heartbeat', controlUrl: 'http://control' },
      portal: { url: 'http://portal', controlUrl: 'http://control', keys: 'ab' },
    },
  },
};

afterEach(() => {
  for (const name of NAMES) {
    delete process.env[name];
    if (before[name] !== undefined) process.env[name] = before[name];
  }
  rmSync(folder, { recursive: true, force: true });
});

describe('the environment of an app', () => {
  it('takes an empty setting for unset, as the app itself does, and keeps what the house chooses', () => {
    house.home.prepare();
    for (const name of NAMES) process.env[name] = '';
    const env = environmentOf('cfdi', 1, house);
    expect(env).toMatchObject({ STORAGE_URL: 'file:///objects', AGENTS_HEARTBEAT_URL: 'http://heartbeat' });
    expect(env[KEY]).toBe(house.home.csdKey);
    expect(env).not.toHaveProperty('S3_ENDPOINT');
  });

  it('names the portal and the keys of the sandbox, each unless the caller names another', () => {
    house.home.prepare();
    for (const name of NAMES) process.env[name] = '';
    const ours = { LICENSE_PORTAL_URL: 'http://portal', LICENSE_PUBLIC_KEY_HEX: 'ab' };
    expect(environmentOf('license', 1, house)).toMatchObject({ ...ours, LICENSE_DIR: join(folder, 'license') });
    process.env['LICENSE_PUBLIC_KEY_HEX'] = 'cd';
    expect(environmentOf('license', 1, house)).toMatchObject({ ...ours, LICENSE_PUBLIC_KEY_HEX: 'cd' });
  });

  it('holds what keeps the memory of a process small, unless the caller knows better', () => {
    house.home.prepare();
    expect(environmentOf('cfdi', 1, house)).toMatchObject({ MALLOC_ARENA_MAX: '1' });
    process.env['MALLOC_ARENA_MAX'] = '4';
    expect(environmentOf('cfdi', 1, house)).toMatchObject({ MALLOC_ARENA_MAX: '4' });
  });
});
