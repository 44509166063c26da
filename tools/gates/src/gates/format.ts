import { run } from '../command.ts';
import { byExitCode, type Gate } from '../gate.ts';

export const format: Gate = {
  name: 'format',
  remedy: 'npm run format',
  async check() {
    return byExitCode(
      await run('prettier', ['--check', '--log-level', 'warn', '--cache', '--cache-location', '.cache/prettier', '.']),
    );
  },
};
