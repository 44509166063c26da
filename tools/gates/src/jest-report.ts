import { relative } from 'node:path';
import { root } from './root.ts';
import type { Tally } from './tally.ts';

/** The part of Jest's JSON report that is read here. */
export interface JestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** How {@link itWhen} of @nexora/testing writes the reason into the name. */
const REASON = /^(.*?) ?\(skipped: ((?:[^()]|\([^()]*\))*)\)(.*)$/;

/**
 * Adds a report to the tally and returns what is wrong beyond red tests: a file that did not even load, and a test
 * left out without a reason.
 */
export function countJest(report: JestReport, tally: Tally): string[] {
  const complaints: string[] = [];
  for (const file of report.testResults) {
    const path = relative(root, file.name);
    for (const test of file.assertionResults) {
      if (test.status === 'passed') tally.passed += 1;
      else if (test.status === 'failed') tally.failed += 1;
      else countLeftOut(tally, complaints, path, test.fullName);
    }
    if (file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed')) {
      complaints.push(`${path} did not run: ${file.message.trim()}`);
    }
  }
  return complaints;
}

function countLeftOut(tally: Tally, complaints: string[], path: string, fullName: string): void {
  const [, before, reason, after] = REASON.exec(fullName) ?? [];
  if (reason === undefined) complaints.push(`${path}: "${fullName}" is left out without a reason`);
  else tally.skipped.push({ name: `${path}: ${before}${after}`, reason });
}

/** Tests that Jest really executed. */
export function testsRun(report: JestReport): number {
  return report.testResults
    .flatMap((file) => file.assertionResults)
    .filter(({ status }) => /passed|failed/.test(status)).length;
}
