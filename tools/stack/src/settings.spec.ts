import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { root } from './home.ts';
import { readSettings } from './settings.ts';

const before = { ...process.env };
let folder: string;
let dotEnv: string;
let secret: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nexora-settings-'));
  dotEnv = join(folder, '.env');
  secret = join(folder, 'secret');
  writeFileSync(secret, 'redis://:hunter2@127.0.0.1:1/0\n');
  for (const name of ['DATABASE_URL', 'DATABASE_URL_FILE', 'REDIS_URL', 'REDIS_URL_FILE']) delete process.env[name];
});

afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
  rmSync(folder, { recursive: true });
});

describe('the settings of a house', () => {
  it('are none after .env.example was copied as it is', () => {
    const had = { ...process.env };
    readSettings(join(root, '.env.example'));
    expect(process.env).toEqual(had);
  });

  it('take the address of a server from the file that is named, once', () => {
    writeFileSync(dotEnv, `REDIS_URL_FILE=${secret}\n`);
    readSettings(dotEnv);
    expect(process.env).toMatchObject({ REDIS_URL: 'redis://:hunter2@127.0.0.1:1/0' });
    expect(process.env).not.toHaveProperty('REDIS_URL_FILE');
  });

  it.each([
    ['REDIS_URL_FILE=/no/hunter2', 'REDIS_URL cannot be read from the file that REDIS_URL_FILE names (ENOENT).'],
    ['REDIS_URL=redis://hunter2\nREDIS_URL_FILE=/x', 'REDIS_URL and REDIS_URL_FILE are both set; keep one.'],
  ])('%j is refused in a sentence that quotes no value', (text, sentence) => {
    writeFileSync(dotEnv, text);
    expect(() => readSettings(dotEnv)).toThrow(sentence);
  });
});
