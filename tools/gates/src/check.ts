import { audit } from './gates/audit.ts';
import { benchTypes } from './gates/bench-types.ts';
import { deadCode } from './gates/dead-code.ts';
import { lockFile } from './gates/lock-file.ts';
import { finish } from './finish.ts';
import { everyGate } from './every-gate.ts';
import { runGates } from './run-gates.ts';
import { runTests } from './run-tests.ts';
import { emptyTally } from './tally.ts';

// Everything before a change is handed in: what `npm test` asks, and what only the registry can answer.
const tally = emptyTally();
await runGates([...everyGate, deadCode, benchTypes, lockFile, audit], tally);
await runTests({ kind: 'all' }, tally);
finish(tally);
