import { randomInt } from 'node:crypto';
import { startTestServices } from '@nexora/testing';
import { runJest } from './jest.ts';
import { countJest, testsRun } from './jest-report.ts';
import type { Tally } from './tally.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const FAULTS = String.raw`\.fault\.spec\.tsx?$`;

/** Which tests a run is about. */
export type Selection =
  { readonly kind: 'all' } | { readonly kind: 'faults' } | { readonly kind: 'only'; readonly pattern: string };

/** Runs the selected tests on real services, counts them, and counts a run without a test as failed. */
export async function runTests(selection: Selection, tally: Tally): Promise<void> {
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
      const ran = await runPasses(selection, { ...services.env, ...env }, interrupted.signal, tally);
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

/** Runs Jest pass by pass and answers how many tests were executed. */
async function runPasses(
  selection: Selection,
  env: Record<string, string>,
  signal: AbortSignal,
  tally: Tally,
): Promise<number> {
  let ran = 0;
  for (const args of passes(selection)) {
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

/**
 * Fault tests come after all others and one at a time: what they kill, cut or flush is what the others stand on.
 */
function passes(selection: Selection): string[][] {
  const faults = ['--runInBand', '--testMatch', '**/*.fault.spec.ts'];
  const others = ['--testPathIgnorePatterns', FAULTS, '/node_modules/', '/dist/'];
  const chosen = selection.kind === 'faults' ? [faults] : [others, faults];
  const filter = selection.kind === 'only' ? ['--testPathPatterns', selection.pattern] : [];
  return chosen.map((pass) => ['--passWithNoTests', ...pass, ...filter]);
}
