// Hands over to the vendor's own command line, with the folder of this house's portal unless `--dir` names another.
import { join } from 'node:path';
import { Home, root } from './home.ts';
import { compileCache } from './steps/compile-cache.ts';

const flags = ['--disable-warning=ExperimentalWarning', '--conditions=@nexora/source'];
const cli = join(root, 'tools/sandbox-portal/src/cli.ts');
const folder = Home.ofClone().file('sandbox-portal');
if (process.execve === undefined) throw new Error('this system cannot put one program in the place of another');
// Files are named from where the caller stands, not from the root of the repository.
process.chdir(process.env['INIT_CWD'] ?? root);
process.execve(process.execPath, [process.execPath, ...flags, cli, ...process.argv.slice(2)], {
  ...process.env,
  SANDBOX_DIR: folder,
  NODE_COMPILE_CACHE: compileCache,
});
