import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { refOf } from '@nexora/embedded';
import { Home } from './home.ts';
import { licenseEnvironment } from './license-environment.ts';
import { writeState, type StackState } from './state.ts';

const supervisor = refOf(process.pid);
if (supervisor === null) throw new Error('no /proc here');
const url = 'postgresql://owner:secret@127.0.0.1:5432/nexora';
const license = { LICENSE_DIR: '/elsewhere', LICENSE_PUBLIC_KEY_HEX: 'ab', LICENSE_PORTAL_URL: 'http://portal' };
const up: StackState = {
  supervisor,
  phase: 'running',
  keyGiven: false,
  license,
  postgres: { url, ref: null, given: false, logins: { license: 'nexora_license' } },
  processes: [],
};
let home: Home;

beforeAll(() => {
  home = new Home(mkdtempSync(join(tmpdir(), 'nexora-license-')));
  home.prepare();
});

afterAll(() => rmSync(home.path, { recursive: true }));

function found(given: NodeJS.ProcessEnv, state: StackState = up) {
  writeState(home, state);
  return licenseEnvironment(given, home);
}

describe('the command line of the licence beside a house that is up', () => {
  it('gets the agent’s own login and decides by the settings of the agent', () => {
    const database = `postgresql://nexora_license:${home.passwordOf('license')}@127.0.0.1:5432/nexora`;
    expect(found({ HOME: '/root' })).toEqual({ HOME: '/root', DATABASE_URL: database, ...license });
    expect(found({ LICENSE_PUBLIC_KEY_HEX: 'cd', DATABASE_URL: url })).toEqual({
      ...license,
      DATABASE_URL: database,
      LICENSE_PUBLIC_KEY_HEX: 'cd',
    });
  });

  it('gets nothing but the folder when the caller names another database, or the house is down', () => {
    const other = { DATABASE_URL: 'postgresql://127.0.0.1/other' };
    const folder = { LICENSE_DIR: home.file('license') };
    expect(found(other)).toEqual({ ...other, ...folder });
    expect(found({}, { ...up, supervisor: { ...supervisor, startedAt: '1' } })).toEqual(folder);
  });
});
