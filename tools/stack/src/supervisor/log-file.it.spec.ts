import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LogFile } from './log-file.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nexora-log-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('a log file of the stack', () => {
  it('goes on where the last run stopped, and is nobody else’s to read', () => {
    const path = join(folder, 'cfdi.log');
    for (const line of ['one\n', 'two\n']) {
      const log = new LogFile(path);
      log.write(line);
      log.close();
    }
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('keeps the newest part and three older ones, however much is written', () => {
    const log = new LogFile(join(folder, 'cfdi.log'));
    const piece = 'x'.repeat(1024 * 1024);
    for (let megabytes = 0; megabytes < 65; megabytes += 1) log.write(piece);
    log.close();
    expect(readdirSync(folder).sort()).toEqual(['cfdi.log', 'cfdi.log.1', 'cfdi.log.2', 'cfdi.log.3']);
    const bytes = readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
    expect(bytes).toBeLessThan(45 * 1024 * 1024);
  });
});
