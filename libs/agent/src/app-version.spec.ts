import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { appVersion } from './app-version.ts';

it('the version of an app is that of the nearest package.json above its entry', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nexora-version-'));
  mkdirSync(join(folder, 'app/dist'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"version": "9.9.9"}');
  writeFileSync(join(folder, 'app/package.json'), '{"version": "1.2.3"}');
  expect(appVersion(join(folder, 'app/dist/main.js'))).toBe('1.2.3');
  writeFileSync(join(folder, 'app/package.json'), '{"type": "module"}');
  expect(appVersion(join(folder, 'app/dist/main.js'))).toBe('9.9.9');
  rmSync(folder, { recursive: true });
});
