import { run } from '../command.ts';
import { byExitCode, type Gate } from '../gate.ts';

/** Files that nothing starts from or leads to, and exports that nobody outside their file asks for. */
export const deadCode: Gate = {
  name: 'dead code',
  remedy: 'remove it, or drop the word `export` where only its own file uses it',
  async check() {
    return byExitCode(await run('knip', ['--include', 'files,exports', '--no-progress', '--no-config-hints']));
  },
};
