import { run } from '../command.ts';
import { byExitCode, type Gate } from '../gate.ts';

/** Tests that start an app as a process of its own start what was built. */
export const build: Gate = {
  name: 'build',
  remedy: 'npm run build',
  async check() {
    return byExitCode(await run('nx', ['run-many', '-t', 'build', '--output-style=static']));
  },
};
