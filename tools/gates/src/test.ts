import { parseArgs } from 'node:util';
import { everyGate } from './every-gate.ts';
import { finish } from './finish.ts';
import { runGates } from './run-gates.ts';
import type { Selection } from './passes.ts';
import { runTests } from './run-tests.ts';
import { emptyTally } from './tally.ts';

const { values } = parseArgs({ options: { faults: { type: 'boolean' }, only: { type: 'string' } } });

function selected(): Selection {
  if (values.only !== undefined) return { kind: 'only', pattern: values.only };
  return { kind: values.faults ? 'faults' : 'all' };
}

const selection = selected();
const tally = emptyTally();
if (selection.kind === 'all') await runGates(everyGate, tally);
await runTests(selection, tally);
finish(tally);
