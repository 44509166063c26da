import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { describeWhen } from '../when.ts';
import { smallDisk } from './small-disk.ts';

const disk = smallDisk(1);
const there = 'skipped' in disk ? { met: false, otherwise: disk.skipped } : { met: true, otherwise: '' };
if (!('skipped' in disk)) disk.end();

describeWhen(there)('a small disk', () => {
  it('takes nothing more once it was filled, and takes it when it was emptied', () => {
    const mounted = smallDisk(1);
    if ('skipped' in mounted) throw new Error(mounted.skipped);
    const write = () => writeFileSync(join(mounted.path, 'file'), 'x'.repeat(5_000));
    mounted.fill();
    expect(write).toThrow(/ENOSPC/);
    mounted.empty();
    expect(write).not.toThrow();
    mounted.end();
  });
});
