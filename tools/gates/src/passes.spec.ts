import { describe, expect, it } from '@jest/globals';
import { passesFor } from './passes.ts';

const files = ['/house/libs/a/src/a.spec.ts', '/house/libs/a/src/b.it.spec.ts', '/house/libs/b/src/b.fault.spec.ts'];
const passesOf = (pattern: string) =>
  passesFor({ kind: 'only', pattern }, files).map((args) => (args.includes('--testMatch') ? 'faults' : 'others'));

describe('the passes of a run', () => {
  it('are the others first and the faults after them', () => {
    expect(passesFor({ kind: 'all' }, files).map((args) => args.includes('--testMatch'))).toEqual([false, true]);
  });

  it('leave out the one that no file is meant for, so that Jest does not say that it found nothing', () => {
    expect(passesOf('libs/a')).toEqual(['others']);
    expect(passesOf('fault')).toEqual(['faults']);
    expect(passesOf('LIBS/')).toEqual(['others', 'faults']);
  });

  it('are none when no file is meant', () => {
    expect(passesOf('libs/c')).toEqual([]);
    expect(passesOf('libs/**')).toEqual([]);
  });
});
