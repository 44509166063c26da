import { randomInt } from 'node:crypto';
import { startTestServices } from '@nexora/testing';
import { runJest } from './jest.ts';
import { countJest, testsRun } from './jest-report.ts';
import type { Tally } from './tally.ts';

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
  const onSignal = () => {
    interrupted.abort();
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);

  const services = await startTestServices();
  let ran = 0;
  try {
    for (const args of passes(selection)) {
      if (interrupted.signal.aborted) break;
      const outcome = await runJest({ args, env: { ...services.env, ...env }, signal: interrupted.signal });
      const complaints = outcome.report ? countJest(tally, outcome.report) : [];
      ran += outcome.report ? testsRun(outcome.report) : 0;
      if (outcome.complaint !== undefined) {
        complaints.push(outcome.complaint);
        tally.failed += 1;
      }
      for (const complaint of complaints) console.log(`✗ ${complaint}`);
    }
  } finally {
    await services.stop();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
  if (ran === 0) {
    console.log('✗ no test ran');
    tally.failed += 1;
  }
}

/**
 * Fault tests come after all others and one at a time: what they kill, cut or flush is what the others stand on.
 */
function passes(selection: Selection): string[][] {
  const pattern = selection.kind === 'only' ? [selection.pattern] : [];
  const faults = ['--passWithNoTests', '--runInBand', '--testMatch', '**/*.fault.spec.ts'];
  const others = ['--passWithNoTests', '--testPathIgnorePatterns', FAULTS, '/node_modules/', '/dist/'];
  const withPattern = (args: string[]) => (pattern.length > 0 ? [...args, '--testPathPatterns', ...pattern] : args);
  return selection.kind === 'faults' ? [faults] : [withPattern(others), withPattern(faults)];
}
