import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { refOf } from '@nexora/embedded';
import { cfdiEnvironment } from './cfdi-environment.ts';
import { Home } from './home.ts';
import { writeState, type StackState } from './state.ts';

const supervisor = refOf(process.pid);
if (supervisor === null) throw new Error('no /proc here');
const url = 'postgresql://owner:secret@127.0.0.1:5432/nexora';
const logins = { cfdi: 'nexora_cfdi' };
const up: StackState = {
  supervisor,
  phase: 'running',
  keyGiven: false,
  postgres: { url, ref: null, given: false, logins },
  processes: [],
};
let home: Home;

beforeAll(() => {
  home = new Home(mkdtempSync(join(tmpdir(), 'nexora-cfdi-')));
  home.prepare();
});

afterAll(() => rmSync(home.path, { recursive: true }));

function found(given: NodeJS.ProcessEnv, state: StackState = up) {
  writeState(home, state);
  const { DATABASE_URL: database, CFDI_KEY_ENCRYPTION_KEY: key } = cfdiEnvironment(given, home);
  return { database, key };
}

describe('the CFDI command line beside a house that is up', () => {
  it('gets the agent’s own login and the key of the house', () => {
    const database = `postgresql://nexora_cfdi:${home.passwordOf('cfdi')}@127.0.0.1:5432/nexora`;
    expect(found({})).toEqual({ database, key: home.csdKey });
    const named = { DATABASE_URL: url.replace('postgresql:', 'postgresql+psycopg2:') };
    expect(found(named)).toEqual({ database, key: home.csdKey });
  });

  it('gets nothing of it when the caller names another database, or the house is down', () => {
    const other = { DATABASE_URL: 'postgresql://127.0.0.1/other' };
    expect(found(other)).toEqual({ database: other.DATABASE_URL, key: undefined });
    expect(found({}, { ...up, supervisor: { ...supervisor, startedAt: '1' } })).toEqual({});
  });

  it('keeps a key that the caller gives, and invents none where the house has one of the caller’s', () => {
    expect(found({ CFDI_KEY_ENCRYPTION_KEY: 'mine' }).key).toBe('mine');
    expect(found({ CFDI_KEY_ENCRYPTION_KEY_FILE: '/key' }).key).toBeUndefined();
    expect(found({}, { ...up, keyGiven: true }).key).toBeUndefined();
  });
});
