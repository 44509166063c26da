import { run } from '../command.ts';
import { failed, type Gate, passed } from '../gate.ts';

/** npm writes lock files that its own `npm ci` then refuses, and trees whose peers do not fit: both are asked. */
export const lockFile: Gate = {
  name: 'lock file',
  remedy: 'pin the package named to the newest version whose builds the registry has, then npm install',
  async check() {
    const install = await run('npm', ['ci', '--dry-run', '--loglevel=error']);
    if (install.code !== 0) return failed(reasons(install.output));
    const tree = await run('npm', ['ls', '--all', '--loglevel=error']);
    return tree.code === 0 ? passed : failed(reasons(tree.output));
  },
};

/** npm's own sentences without the tree and the manual that it prints around them. */
function reasons(output: string): string {
  const [told = ''] = output.split('npm error Clean install a project');
  return told
    .split('\n')
    .filter((line) => /npm error .|invalid|missing/i.test(line))
    .join('\n');
}
