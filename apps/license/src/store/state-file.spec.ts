import { mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { StateFile } from './state-file.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nexora-state-'));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

it('makes its folder, for this user only, and answers what was written last', async () => {
  const file = new StateFile(join(dir, 'a', 'b'));
  expect(await file.read()).toBeUndefined();
  await file.write('one');
  await file.write('two');
  expect(await file.read()).toBe('two');
  expect((await stat(file.path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(dir, 'a', 'b'))).mode & 0o777).toBe(0o700);
  expect(await readdir(join(dir, 'a', 'b'))).toEqual(['state.json']);
});

it('is never half written: whoever reads meanwhile finds an old text or a new one, whole', async () => {
  const file = new StateFile(dir);
  const text = (n: number): string => String(n).repeat(200_000);
  await file.write(text(0));
  const writing = (async () => {
    for (let n = 1; n < 10; n += 1) await file.write(text(n));
  })();
  for (let n = 0; n < 50; n += 1) {
    const read = (await file.read()) ?? '';
    expect(read).toHaveLength(200_000);
    expect(new Set(read).size).toBe(1);
  }
  await writing;
});

it('sweeps the drafts of processes that were killed, not those of the living', async () => {
  const [old, young] = ['state.json.1.tmp', 'state.json.2.tmp'].map((name) => join(dir, name)) as [string, string];
  await writeFile(old, '');
  await writeFile(young, '');
  const hourAgo = new Date(Date.now() - 3_600_000);
  await utimes(old, hourAgo, hourAgo);
  await new StateFile(dir).write('text');
  expect((await readdir(dir)).sort()).toEqual(['state.json', 'state.json.2.tmp']);
});

it('does not read what is larger than anything that was ever written', async () => {
  const file = new StateFile(dir);
  await writeFile(file.path, '');
  await truncate(file.path, 5 * 1_048_576);
  await expect(file.read()).rejects.toThrow('nothing that was written here');
});

it('leaves the old text and no draft when it cannot write', async () => {
  const file = new StateFile(dir);
  await file.write('old');
  const other = new StateFile(join(file.path, 'below a file'));
  await expect(other.write('new')).rejects.toMatchObject({ code: 'ENOTDIR' });
  expect(await readFile(file.path, 'utf8')).toBe('old');
});
