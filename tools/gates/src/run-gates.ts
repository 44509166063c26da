import { countGate, type Tally } from './tally.ts';
import type { Finding, Gate } from './gate.ts';
import { failed } from './gate.ts';

/** Gates that are asked at the same time; each is a process that uses one core. */
const AT_ONCE = 2;

/** Asks every gate, also after a red one: one run shows all there is to mend. */
export async function runGates(gates: readonly Gate[], tally: Tally): Promise<void> {
  const open = [...gates];
  const askInTurn = async (): Promise<void> => {
    for (let gate = open.shift(); gate !== undefined; gate = open.shift()) await tell(gate, tally);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, askInTurn));
}

async function tell(gate: Gate, tally: Tally): Promise<void> {
  const started = performance.now();
  const finding = await ask(gate);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${sign[finding.kind]} ${gate.name} (${seconds} s)`);
  if (finding.kind === 'failed') console.log(`${indent(finding.complaint)}\n  → ${gate.remedy}`);
  countGate(tally, gate, finding);
}

const sign = { passed: '✓', failed: '✗', skipped: '-' } as const;

async function ask(gate: Gate): Promise<Finding> {
  try {
    return await gate.check();
  } catch (error) {
    return failed(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ');
}
