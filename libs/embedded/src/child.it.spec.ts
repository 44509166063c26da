import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { until } from '@nexora/testing';
import { Child } from './child.ts';
import { StartFailed } from './errors.ts';
import { isAlive, refOf, type ProcessRef } from './process-table.ts';

const owner = fileURLToPath(new URL('./fixtures/owner.ts', import.meta.url));
const sh = (script: string) => Child.start({ command: '/bin/sh', args: ['-c', script] });

/** Runs the fixture that starts something itself; answers it and what it started. */
async function startOwner(...args: string[]): Promise<{ owner: Child; refs: ProcessRef[] }> {
  const child = await Child.start({ command: process.execPath, args: ['--conditions=@nexora/source', owner, ...args] });
  const line = await until(
    () =>
      child.output
        .tail()
        .split('\n')
        .find((each) => each.startsWith('[')),
    {
      what: 'the owner to print process ids',
    },
  );
  return { owner: child, refs: (JSON.parse(line) as number[]).map(refOf).filter((ref) => ref !== null) };
}

describe('a supervised child', () => {
  it('tells how it ended and what it printed last', async () => {
    const child = await sh('echo one; echo two >&2; exit 7');
    await expect(child.exited).resolves.toEqual({ code: 7, signal: null });
    expect(child.output.tail().split('\n').sort()).toEqual(['', 'one', 'two'].slice(1));
  });

  it('is refused with its name when there is no such program', async () => {
    await expect(Child.start({ command: 'no-such-program' })).rejects.toThrow(StartFailed);
  });

  it('is killed with all its descendants', async () => {
    const { owner: child, refs } = await startOwner('child');
    await child.kill();
    expect(refs).toHaveLength(2);
    expect(refs.filter(isAlive)).toEqual([]);
  });

  it('is killed after the grace when it ignores the word to end', async () => {
    const child = await sh('trap "" TERM; echo up; while :; do sleep 0.05; done');
    await until(() => child.output.tail().includes('up'), { what: 'the trap to be set' });
    expect(await child.stop('SIGTERM', 50)).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('ends in order also while it is frozen', async () => {
    const child = await sh('trap "exit 3" TERM; echo up; while :; do sleep 0.01; done');
    await until(() => child.output.tail().includes('up'), { what: 'the trap to be set' });
    child.signalFamily('SIGSTOP');
    expect(await child.stop('SIGTERM', 5_000)).toEqual({ code: 3, signal: null });
  });

  it('does not outlive an owner that is killed by -9', async () => {
    const { owner: killed, refs } = await startOwner('child');
    const child = refs.slice(0, 1);
    process.kill(killed.pid, 'SIGKILL');
    await until(() => !child.some(isAlive), { what: 'the child to end' });
    for (const grandchild of refs.slice(1).filter(isAlive)) process.kill(grandchild.pid, 'SIGKILL');
  });
});
