import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isAlive, refOf, type ProcessRef } from '@nexora/embedded';
import { spawnNode, type NodeProcess } from '../faults/node-process.ts';
import { until } from '../until.ts';

const user = fileURLToPath(new URL('./fixtures/user.ts', import.meta.url));
let folder: string;
let users: NodeProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nexora-services-'));
  users = [];
});

afterEach(async () => {
  for (const each of users) await each.kill9();
  const daemon = daemonNow();
  if (daemon !== null) await until(() => !isAlive(daemon), { what: 'the daemon to end by itself' });
  rmSync(folder, { recursive: true });
});

interface Use {
  readonly url: string;
  readonly daemon: ProcessRef;
  readonly process: NodeProcess;
}

/** Another run of tests, which holds a lease; its services end one second after the last use. */
async function use(): Promise<Use> {
  const env = { NEXORA_TEST_FOLDER: folder, NEXORA_TEST_IDLE_SECONDS: '1' };
  const process = await spawnNode({ entry: user, env });
  users.push(process);
  const [, url = ''] = await process.line(/^url (.*)$/);
  const daemon = daemonNow();
  if (daemon === null) throw new Error('there is no daemon');
  return { url, daemon, process };
}

function daemonNow(): ProcessRef | null {
  const file = join(folder, 'services.json');
  if (!existsSync(file)) return null;
  return refOf((JSON.parse(readFileSync(file, 'utf8')) as { pid: number }).pid);
}

/** Ends a user and nothing else: whoever started the daemon is its parent, and would be stopped together with it. */
async function endAlone(one: Use): Promise<void> {
  process.kill(one.process.pid, 'SIGTERM');
  await one.process.exited;
}

describe('the shared test services', () => {
  it('are one for all runs that start at once', async () => {
    const [one, other] = await Promise.all([use(), use()]);
    expect(other.url).toBe(one.url);
  });

  it('stay while another run uses them, and end with the last that stops them', async () => {
    const [one, other] = await Promise.all([use(), use()]);
    await endAlone(one);
    expect(isAlive(other.daemon)).toBe(true);
    await endAlone(other);
    expect(isAlive(other.daemon)).toBe(false);
    expect(existsSync(join(folder, 'services.json'))).toBe(false);
  });

  it('end by themselves when their only user was killed by -9', async () => {
    const { daemon, process } = await use();
    await process.kill9();
    await until(() => !isAlive(daemon), { what: 'the daemon to end' });
  });

  it('are started anew when their daemon was killed by -9, and nothing of the former is left', async () => {
    const first = await use();
    const former = JSON.parse(readFileSync(join(folder, 'services.json'), 'utf8')) as { folder: string };
    process.kill(first.daemon.pid, 'SIGKILL');
    await until(() => !isAlive(first.daemon), { what: 'the daemon to die' });
    const second = await use();
    expect(second.url).not.toBe(first.url);
    expect(existsSync(former.folder)).toBe(false);
  });
});
