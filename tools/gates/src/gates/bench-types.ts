import { run } from '../command.ts';
import { byExitCode, type Gate } from '../gate.ts';

/** The benchmark's peers are installed on demand, so its types are no part of the program of the whole repository. */
export const benchTypes: Gate = {
  name: 'types of the benchmark',
  remedy: 'npx tsc -p tools/bench shows the same',
  async check() {
    return byExitCode(await run('tsc', ['-p', 'tools/bench', '--pretty', 'false']));
  },
};
