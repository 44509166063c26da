import { summaryLine, type Tally } from './tally.ts';

/** Lists what was left out and why, closes with the summary, and ends red when anything failed. */
export function finish(tally: Tally): void {
  const byReason = Map.groupBy(tally.skipped, ({ reason }) => reason);
  for (const [reason, skipped] of byReason) {
    console.log(`skipped, because ${reason}:`);
    for (const { name } of skipped) console.log(`  - ${name}`);
  }
  console.log(summaryLine(tally));
  process.exitCode = tally.failed > 0 ? 1 : 0;
}
