import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { startTestServices } from '@nexora/testing';
import { trackedFiles } from './files.ts';
import { runJest } from './jest.ts';
import { countJest, testsRun } from './jest-report.ts';
import { passesFor, type Selection } from './passes.ts';
import { root } from './root.ts';
import type { Tally } from './tally.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs the selected tests on real services, counts them, and counts a run without a test as failed. */
export async function runTests(selection: Selection, tally: Tally): Promise<void> {
  const passes = passesFor(selection, await testFiles());
  if (passes.length === 0) {
    fail(tally, 'no test file has such a path');
    return;
  }
  const env = {
    NEXORA_FAULTS: selection.kind === 'faults' ? 'all' : 'sample',
    NEXORA_SEED: process.env['NEXORA_SEED'] ?? String(randomInt(2 ** 31)),
  };
  console.log(`tests: faults ${env.NEXORA_FAULTS}, NEXORA_SEED=${env.NEXORA_SEED}`);

  const interrupted = new AbortController();
  const interrupt = () => {
    interrupted.abort();
  };
  // Kept on until the services are down: Ctrl-C arrives twice under npm, and the second must not leave them behind.
  for (const signal of SIGNALS) process.on(signal, interrupt);
  try {
    const services = await startTestServices();
    try {
      const ran = await runPasses(passes, { ...services.env, ...env }, interrupted.signal, tally);
      if (ran === 0) fail(tally, 'no test ran');
    } finally {
      await services.stop();
    }
  } catch (error) {
    fail(
      tally,
      `the services of the tests: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
  if (interrupted.signal.aborted) fail(tally, 'interrupted');
}

async function testFiles(): Promise<string[]> {
  return (await trackedFiles()).filter((path) => /\.spec\.tsx?$/.test(path)).map((path) => join(root, path));
}

/** Runs Jest pass by pass and answers how many tests were executed. */
async function runPasses(
  passes: readonly string[][],
  env: Record<string, string>,
  signal: AbortSignal,
  tally: Tally,
): Promise<number> {
  let ran = 0;
  for (const args of passes) {
    if (signal.aborted) break;
    const { report, complaint } = await runJest({ args, env, signal });
    if (report) {
      ran += testsRun(report);
      for (const wrong of countJest(report, tally)) fail(tally, wrong);
    }
    if (complaint !== undefined) fail(tally, complaint);
  }
  return ran;
}

function fail(tally: Tally, complaint: string): void {
  console.log(`✗ ${complaint}`);
  tally.failed += 1;
}
