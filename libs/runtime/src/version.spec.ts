import { expect, it } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOUSE_VERSION } from './version.ts';

const ROOT = join(import.meta.dirname, '../../..');
const versionOf = (manifest: string) =>
  (JSON.parse(readFileSync(join(ROOT, manifest), 'utf8')) as { version: string }).version;

it('the version that a process tells is that of the root package', () => {
  expect(HOUSE_VERSION).toBe(versionOf('package.json'));
});

it.each(globSync(['apps/*/package.json', 'libs/*/package.json'], { cwd: ROOT }))(
  '%s carries the version of the root package',
  (manifest) => {
    expect(versionOf(manifest)).toBe(HOUSE_VERSION);
  },
);
