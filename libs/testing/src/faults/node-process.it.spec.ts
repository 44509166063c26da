import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { spawnNode } from './node-process.ts';

const entry = fileURLToPath(new URL('./fixtures/counter.ts', import.meta.url));

describe('a process of the house under test', () => {
  it('runs decorated sources under the flags that ship', async () => {
    const counter = await spawnNode({ entry, env: { STEP: '2' }, ready: /^ready/ });
    const [, flags] = await counter.line(/^flags (.*)$/);
    expect(flags).toContain('--max-old-space-size=256');
    expect(flags).toContain('--max-semi-space-size=2');
    expect((await counter.line(/^4$/))[0]).toBe('4');
    expect(await counter.stop()).toEqual({ code: 0, signal: null });
  });

  it('is gone after kill9', async () => {
    const counter = await spawnNode({ entry, ready: /^ready/ });
    await counter.kill9();
    expect(await counter.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('goes on after a pause', async () => {
    const counter = await spawnNode({ entry, ready: /^ready/ });
    counter.pause();
    counter.continue();
    await counter.line(/^20$/);
    await counter.kill9();
  });

  it('that ends before it is ready is told with what it printed', async () => {
    const starting = spawnNode({ entry, env: { FAIL: 'no licence' }, ready: /^ready/ });
    await expect(starting).rejects.toThrow(/the process ended.*before a line matched[\s\S]*no licence/);
  });
});
