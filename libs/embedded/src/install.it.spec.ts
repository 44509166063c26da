import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { describeWhen } from '@nexora/testing';
import { findOnPath } from './child.ts';

const asked = process.env['NEXORA_TEST_INSTALL'] === '1';
const able = process.getuid?.() === 0 && findOnPath('apt-get') !== null && findOnPath('unshare') !== null;

describeWhen({
  met: asked && able,
  otherwise: asked ? 'it needs root on Debian or Ubuntu' : 'set NEXORA_TEST_INSTALL=1; it downloads packages',
})('installation on a bare machine', () => {
  it('brings Postgres and Redis without a cluster, a running or an enabled service of the system', () => {
    const script = fileURLToPath(new URL('./fixtures/bare-machine.sh', import.meta.url));
    const program = fileURLToPath(new URL('./fixtures/install.ts', import.meta.url));
    const node = [process.execPath, '--conditions=@nexora/source', program];
    const env = { ...process.env, COPY: join(tmpdir(), `nexora-bare-${process.pid}`) };
    const { stdout, stderr } = spawnSync(script, node, { encoding: 'utf8', env });
    expect({ told: JSON.parse(stdout || 'null') as unknown, stderr }).toEqual({
      told: {
        before: [null, null],
        started: [true, true],
        policy: false,
        clusters: [],
        createCluster: false,
        enabled: [],
      },
      stderr: expect.stringContaining('apt-get install'),
    });
  }, 600_000);
});
