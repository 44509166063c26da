import { fileURLToPath } from 'node:url';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { until } from '@nexora/testing';
import { Child } from './child.ts';
import { lock, tryLock, withLock } from './lock.ts';

const owner = fileURLToPath(new URL('./fixtures/owner.ts', import.meta.url));

describe('a lock of the machine', () => {
  it('is held by one and given to the next when released', async () => {
    const name = randomUUID();
    const first = await lock(name);
    expect(await tryLock(name)).toBeNull();
    const waits: string[] = [];
    const second = lock(name, () => waits.push('waited'));
    await until(() => waits.length > 0, { what: 'the second to wait' });
    await first.release();
    await (await second).release();
    expect(waits).toEqual(['waited']);
  });

  it('lets no two work at once', async () => {
    const name = randomUUID();
    let working = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, (working += 1));
      await new Promise(setImmediate);
      working -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, () => withLock(name, work)));
    expect(most).toBe(1);
  });

  it('is free again once its holder was killed by -9', async () => {
    const name = randomUUID();
    const args = ['--conditions=@nexora/source', owner, 'lock', name];
    const holder = await Child.start({ command: process.execPath, args });
    await until(() => holder.output.tail().includes('[]'), { what: 'the holder to hold' });
    expect(await tryLock(name)).toBeNull();
    const next = lock(name);
    await holder.kill();
    await (await next).release();
  });
});
