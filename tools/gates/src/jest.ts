import { spawn } from 'node:child_process';
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
  try {
    const child = spawn(
      process.execPath,
      [
        '--experimental-vm-modules',
        '--disable-warning=ExperimentalWarning',
        'node_modules/jest/bin/jest.js',
        '--json',
        `--outputFile=${file}`,
        ...args,
      ],
      { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 2, 2], signal, killSignal: 'SIGTERM' },
    );
    const ended = new Promise<number | null>((resolve, reject) => {
      child.on('exit', resolve);
      // An abort is reported as an error although the child still has to end.
      child.on('error', (error) => {
        if (error.name !== 'AbortError') reject(error);
      });
    });
    const lingered = await Promise.race([ended.then(() => false), lingers(file, ended)]);
    if (lingered) child.kill('SIGKILL');
    const code = await ended;
    if (!existsSync(file)) return { complaint: `jest broke off without a report (exit ${code ?? 'by a signal'})` };
    const report = JSON.parse(readFileSync(file, 'utf8')) as JestReport;
    return lingered
      ? { report, complaint: 'jest did not end: a test left a timer, socket or process open' }
      : { report };
  } finally {
    rmSync(file, { force: true });
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
