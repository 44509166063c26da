import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { describeWhen, smallDisk } from '@nexora/testing';
import { replaceFile } from './disk.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sandbox-disk-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('a file that is replaced', () => {
  it('is for its owner only unless told otherwise, whatever it was before', async () => {
    const path = join(dir, 'a');
    await replaceFile(path, 'one');
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['one', 0o600]);
    chmodSync(path, 0o666);
    await replaceFile(path, 'two');
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['two', 0o600]);
    await replaceFile(path, 'three', 0o644);
    expect(statSync(path).mode & 0o777).toBe(0o644);
    expect(readdirSync(dir)).toEqual(['a']);
  });

  it('is replaced over the draft that a kill left behind', async () => {
    writeFileSync(join(dir, 'a.draft'), 'half', { mode: 0o666 });
    await replaceFile(join(dir, 'a'), 'whole');
    expect(readdirSync(dir)).toEqual(['a']);
    expect(statSync(join(dir, 'a')).mode & 0o777).toBe(0o600);
  });

  it('stays as it was when its folder is gone', async () => {
    await expect(replaceFile(join(dir, 'gone/a'), 'x')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

const disk = smallDisk(2);
describeWhen({ met: !('skipped' in disk), otherwise: 'skipped' in disk ? disk.skipped : '' })('on a full disk', () => {
  it('stays as it was, and is replaced once there is room', async () => {
    if ('skipped' in disk) throw new Error(disk.skipped);
    try {
      const path = join(disk.path, 'a');
      await replaceFile(path, 'one');
      disk.fill();
      await expect(replaceFile(path, 'x'.repeat(100_000))).rejects.toMatchObject({ code: 'ENOSPC' });
      expect(readFileSync(path, 'utf8')).toBe('one');
      expect(readdirSync(disk.path)).not.toContain('a.draft');
      disk.empty();
      await replaceFile(path, 'two');
      expect(readFileSync(path, 'utf8')).toBe('two');
    } finally {
      disk.end();
    }
  });
});
