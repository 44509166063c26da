import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect } from '@jest/globals';
import { itWhen, spawnNode } from '@nexora/testing';

const entry = fileURLToPath(new URL('./network-main.conformance.ts', import.meta.url));
const trial = spawnSync('unshare', ['-rn', '--', 'ip', 'link', 'add', 'n0', 'type', 'veth', 'peer', 'name', 'n1']);
const networks = { met: trial.status === 0, otherwise: 'no network of its own here: unshare, ip, veth' };

describe('the watch over the interfaces of the machine', () => {
  itWhen(networks)('sees one that comes', async () => {
    const { exited } = await spawnNode({ entry });
    expect(await exited).toEqual({ code: 0, signal: null });
  });
});
