import type { Finding, Gate } from './gate.ts';

/** A test or a gate that was left out, and why. */
export interface Skipped {
  readonly name: string;
  readonly reason: string;
}

/** What a run amounts to; gates and tests count alike. */
export interface Tally {
  passed: number;
  failed: number;
  readonly skipped: Skipped[];
}

export function emptyTally(): Tally {
  return { passed: 0, failed: 0, skipped: [] };
}

/** Counts what a gate found as one test. */
export function countGate(tally: Tally, gate: Gate, finding: Finding): void {
  if (finding.kind === 'passed') tally.passed += 1;
  else if (finding.kind === 'failed') tally.failed += 1;
  else tally.skipped.push({ name: gate.name, reason: finding.reason });
}

/** The last line of a run, which other programs read: nothing else may stand on it. */
export function summaryLine(tally: Tally): string {
  return `${tally.passed} passed, ${tally.failed} failed, ${tally.skipped.length} skipped`;
}
