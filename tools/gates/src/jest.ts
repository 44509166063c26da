import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { JestReport } from './jest-report.ts';
import { root } from './root.ts';

/** A test that leaves a handle open keeps Jest alive; after its report is written it gets this long to end. */
const TIME_TO_LEAVE_MS = 20_000;

export interface JestRun {
  /** Jest's own arguments: patterns of paths, workers. */
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  readonly signal: AbortSignal;
}

export interface JestOutcome {
  /** Missing when Jest broke off before it could report. */
  readonly report?: JestReport;
  /** What is wrong with the run itself. */
  readonly complaint?: string;
}

/** Runs Jest; its progress goes to stderr, since the last line of stdout belongs to the summary. */
export async function runJest({ args, env, signal }: JestRun): Promise<JestOutcome> {
  const file = join(root, '.cache', `jest-${process.pid}.json`);
  mkdirSync(join(root, '.cache'), { recursive: true });
  rmSync(file, { force: true });
  const jest = start([`--outputFile=${file}`, ...args], env);
  const end = () => {
    endGroup(jest);
  };
  signal.addEventListener('abort', end);
  try {
    const ended = new Promise<number | null>((resolve, reject) => {
      jest.on('exit', resolve).on('error', reject);
    });
    const lingered = await Promise.race([ended.then(() => false), lingers(file, ended)]);
    if (lingered) end();
    const code = await ended;
    if (!existsSync(file)) return { complaint: `jest broke off without a report (exit ${code ?? 'by a signal'})` };
    const report = JSON.parse(readFileSync(file, 'utf8')) as JestReport;
    return lingered
      ? { report, complaint: 'jest did not end: a test left a timer, socket or process open' }
      : { report };
  } finally {
    signal.removeEventListener('abort', end);
    end();
    rmSync(file, { force: true });
  }
}

/** Jest leads a group of processes of its own, because its workers outlive a Jest that is ended alone. */
function start(args: readonly string[], env: Record<string, string>): ChildProcess {
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  return spawn(process.execPath, [...flags, 'node_modules/jest/bin/jest.js', '--json', ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 2, 2],
    detached: true,
  });
}

function endGroup(leader: ChildProcess): void {
  if (leader.pid === undefined) return;
  try {
    process.kill(-leader.pid, 'SIGKILL');
  } catch (error) {
    // The usual case: the group has ended by itself.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Resolves with true when the report is there but Jest does not end. */
async function lingers(file: string, ended: Promise<unknown>): Promise<boolean> {
  let over = false;
  const done = () => {
    over = true;
  };
  void ended.then(done, done);
  while (!over && !existsSync(file)) await wait(500, undefined, { ref: false });
  await Promise.race([ended, wait(TIME_TO_LEAVE_MS, undefined, { ref: false })]);
  return !over;
}
