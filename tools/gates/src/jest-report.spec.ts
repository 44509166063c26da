import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { countJest, type JestReport, testsRun } from './jest-report.ts';
import { root } from './root.ts';
import { emptyTally, summaryLine } from './tally.ts';

function reportOf(status: string, tests: readonly [name: string, status: string][], message = ''): JestReport {
  return {
    testResults: [
      {
        name: join(root, 'libs/x/src/x.spec.ts'),
        status,
        message,
        assertionResults: tests.map(([fullName, testStatus]) => ({ fullName, status: testStatus })),
      },
    ],
  };
}

describe('countJest', () => {
  it('counts what passed and what failed', () => {
    const tally = emptyTally();
    const complaints = countJest(
      reportOf('failed', [
        ['a', 'passed'],
        ['b', 'failed'],
      ]),
      tally,
    );
    expect(summaryLine(tally)).toBe('1 passed, 1 failed, 0 skipped');
    expect(complaints).toEqual([]);
  });

  it('reports a file that did not load', () => {
    const tally = emptyTally();
    const complaints = countJest(reportOf('failed', [], 'SyntaxError: no'), tally);
    expect(complaints).toEqual(['libs/x/src/x.spec.ts did not run: SyntaxError: no']);
  });

  it('takes the reason of a skipped test from its name', () => {
    const tally = emptyTally();
    countJest(reportOf('passed', [['suite reads (skipped: no scheme (of 4.0)) files', 'pending']]), tally);
    expect(tally.skipped).toEqual([{ name: 'libs/x/src/x.spec.ts: suite reads files', reason: 'no scheme (of 4.0)' }]);
    expect(tally.failed).toBe(0);
  });

  it('refuses a test that was left out without a reason', () => {
    const tally = emptyTally();
    const complaints = countJest(reportOf('passed', [['quietly', 'pending']]), tally);
    expect(complaints).toEqual(['libs/x/src/x.spec.ts: "quietly" is left out without a reason']);
  });
});

describe('testsRun', () => {
  it('does not count what was left out', () => {
    expect(
      testsRun(
        reportOf('passed', [
          ['a', 'passed'],
          ['b', 'pending'],
        ]),
      ),
    ).toBe(1);
  });
});
