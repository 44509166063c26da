import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { objectionTo } from './agent-name.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'nexora-names-'));
  for (const path of ['apps/sync/package.json', 'libs/outbox/package.json', 'libs/contracts/src/notify.kinds.ts']) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

describe('the name of a new agent', () => {
  it.each(['citas', 'citas-web', 'a', 'nomina4', 'x'.repeat(30)])('may be %s', (name) => {
    expect(objectionTo(name, root)).toBeUndefined();
  });

  it.each([
    ['', 'is no name'],
    ['Citas', 'is no name'],
    ['citas_web', 'is no name'],
    ['citas web', 'is no name'],
    ['4citas', 'is no name'],
    ['citas-', 'is no name'],
    ['citas--web', 'is no name'],
    ['citas-2', 'is no name'],
    ['../citas', 'is no name'],
    ['-v', 'is no name'],
    ['años', 'is no name'],
    ['x'.repeat(31), 'at most 30'],
    ['client', 'something else in the house'],
    ['admin-citas', 'something else in the house'],
    ['pg-citas', 'something else in the house'],
    ['order', 'a word of SQL'],
    ['sync', 'apps/sync is there already'],
    ['outbox', 'libs/outbox is there already'],
    ['notify', 'libs/contracts/src/notify.kinds.ts is there already'],
  ])('may not be "%s": %s', (name, sentence) => {
    expect(objectionTo(name, root)).toContain(sentence);
  });
});
