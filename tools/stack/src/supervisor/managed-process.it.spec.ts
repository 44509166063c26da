import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isAlive, refOf, signal } from '@nexora/embedded';
import { until } from '@nexora/testing';
import type { ProcessEntry } from '../state.ts';
import { answersOk } from './health.ts';
import { LogFile } from './log-file.ts';
import { ManagedProcess } from './managed-process.ts';

const fixture = fileURLToPath(new URL('./fixtures/app.ts', import.meta.url));
let folder: string;
let log: LogFile;
let told: ProcessEntry[];
let managed: ManagedProcess;
let asked: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nexora-managed-'));
  log = new LogFile(join(folder, 'app.log'));
  told = [];
  asked = 0;
});

afterEach(async () => {
  await managed.kill();
  log.close();
  rmSync(folder, { recursive: true });
});

function manage(...args: string[]): ManagedProcess {
  let url = '';
  const launch = {
    args: [fixture, ...args],
    env: { PATH: process.env['PATH'] },
    metricsUrl: null,
    ready: (child: { onLine(listener: (line: string) => void): unknown }) =>
      new Promise<void>((resolve) => {
        child.onLine((line) => {
          if (line.startsWith('http:')) url = line;
          if (line === 'ready') resolve();
        });
      }),
    ...(args[0] === 'answer' ? { alive: (within: AbortSignal) => ((asked += 1), answersOk(url, within)) } : {}),
    ...(args[0] === 'refuse' && args[1] !== undefined ? { mendedByRestart: /at most 72/ } : {}),
  };
  managed = new ManagedProcess({
    name: 'app',
    plan: () => Promise.resolve(launch),
    log,
    onChange: (entry) => told.push(entry),
    watch: { everyMs: 50, withinMs: 500, failures: 3 },
  });
  return managed;
}

describe('a managed process', () => {
  it('is told as starting, running and stopped, under the id of the process itself', async () => {
    await manage('serve').start(10_000);
    const ref = managed.entry.ref;
    expect(ref === null ? null : refOf(ref.pid)).toEqual(ref);
    await managed.stop();
    expect(told.map((each) => each.state)).toEqual(['starting', 'running', 'stopped']);
    expect(ref !== null && isAlive(ref)).toBe(false);
  });

  it('is started again when it is killed, and counts it', async () => {
    await manage('serve').start(10_000);
    const first = managed.entry.ref?.pid ?? 0;
    signal(first, 'SIGKILL');
    await until(() => managed.entry.state === 'running' && managed.entry.ref?.pid !== first, { what: 'a second run' });
    const endedAt = expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as unknown;
    // What it printed last is about something else.
    expect(managed.entry).toMatchObject({ restarts: 1, reason: 'was ended by SIGKILL', endedAt });
  });

  it.each([
    ['is frozen', 'SIGSTOP'],
    ['has an event loop that is blocked', 'SIGUSR2'],
  ] as const)(
    'that %s is ended by force and started again, with the reason',
    async (_what, name) => {
      await manage('answer').start(10_000);
      const first = managed.entry.ref;
      signal(first?.pid ?? 0, name);
      await until(() => managed.entry.state === 'running' && managed.entry.ref?.pid !== first?.pid, {
        within: 15_000,
        what: 'a second run',
      });
      expect(first !== null && isAlive(first)).toBe(false);
      expect(managed.entry).toMatchObject({ restarts: 1, reason: 'did not answer 3 times in a row and was ended' });
    },
    30_000,
  );

  it('that answers is left alone', async () => {
    await manage('answer').start(10_000);
    const first = managed.entry.ref?.pid;
    await until(() => asked > 5, { what: 'six questions' });
    expect(managed.entry).toMatchObject({ state: 'running', restarts: 0, ref: { pid: first } });
  });

  it('that fails at first is ready after its restart, with the reason kept and logged', async () => {
    await manage('crash', join(folder, 'crashed')).start(10_000);
    expect(managed.entry).toMatchObject({ state: 'running', restarts: 1, reason: 'ended with code 1: no memory' });
    expect(readFileSync(join(folder, 'app.log'), 'utf8')).toContain('no memory');
  });

  it('that refuses its settings is not started again, and says why', async () => {
    await expect(manage('refuse').start(10_000)).rejects.toThrow(/refuses to start.*at most 72/);
    expect(managed.entry).toMatchObject({ state: 'stopped', restarts: 0 });
  });

  it('that refuses what another start may mend is started again', async () => {
    const starting = manage('refuse', 'port').start(20_000);
    starting.catch(() => undefined);
    await until(() => managed.entry.restarts > 0, { what: 'a restart' });
    await managed.stop();
    await expect(starting).rejects.toThrow('stopped');
  });

  it('that never becomes ready is told as late, with the reason', async () => {
    await expect(manage('hang').start(1_000)).rejects.toThrow(/app is not ready after 1 s/);
    expect(managed.entry.state).toBe('starting');
  });
});
