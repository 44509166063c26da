import { summaryLine, type Tally } from './tally.ts';

/** Lists what was left out and why, closes with the summary, and ends red when anything failed. */
export function finish(tally: Tally): void {
  for (const { name, reason } of tally.skipped) console.log(`skipped: ${name}: ${reason}`);
  console.log(summaryLine(tally));
  process.exitCode = tally.failed > 0 ? 1 : 0;
}
