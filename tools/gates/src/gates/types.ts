import { run } from '../command.ts';
import { byExitCode, type Gate } from '../gate.ts';

export const types: Gate = {
  name: 'types',
  remedy: 'npm run typecheck shows the same with its context',
  async check() {
    return byExitCode(await run('tsc', ['--noEmit', '--pretty', 'false']));
  },
};
