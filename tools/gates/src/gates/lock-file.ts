import { run } from '../command.ts';
import { byExitCode, failed, type Gate, passed } from '../gate.ts';

/** npm writes lock files that its own `npm ci` then refuses, and trees whose peers do not fit: both are asked. */
export const lockFile: Gate = {
  name: 'lock file',
  remedy: 'pin the package named to the newest version whose builds the registry has, then npm install',
  async check() {
    const install = await run('npm', ['ci', '--dry-run']);
    if (install.code !== 0) return byExitCode(install);
    const tree = await run('npm', ['ls', '--all', '--loglevel=error']);
    return tree.code === 0
      ? passed
      : failed(
          tree.output
            .split('\n')
            .filter((line) => /npm error|invalid|missing/i.test(line))
            .join('\n'),
        );
  },
};
