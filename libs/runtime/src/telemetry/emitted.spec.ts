import { expect, it } from '@jest/globals';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EVENTS } from './events.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const ASIDE = /\.(spec|conformance|events)\.ts$|\/fixtures\//;
const sources = globSync('{apps,libs}/*/src/**/*.ts', { cwd: ROOT })
  .filter((path) => !ASIDE.test(path))
  .map((path) => readFileSync(join(ROOT, path), 'utf8'))
  .join('\n');

it('every event of the table is told by somebody, so that no metric is promised in vain', () => {
  expect(Object.keys(EVENTS).filter((name) => !sources.includes(`'${name}'`))).toEqual([]);
});
