import type { Gate } from './gate.ts';
import { build } from './gates/build.ts';
import { canaries } from './gates/canaries.ts';
import { cycles } from './gates/cycles.ts';
import { format } from './gates/format.ts';
import { lint } from './gates/lint.ts';
import { testNames } from './gates/test-names.ts';
import { types } from './gates/types.ts';

/** The gates of every run, the longest first; each works on a fresh clone without network. */
export const everyGate: readonly Gate[] = [lint, types, format, canaries, cycles, build, testNames];
