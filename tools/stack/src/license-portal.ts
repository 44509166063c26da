// Hands over to the vendor's own command line, with the folder of this house's portal unless the caller names another.
import { join } from 'node:path';
import { Home, root } from './home.ts';
import { compileCache } from './steps/compile-cache.ts';

const words = process.argv.slice(2);
const isNamed = words.some((word) => /^--dir(=|$)/.test(word));
const folder = isNamed ? [] : ['--dir', Home.ofClone().file('sandbox-portal')];
const flags = ['--disable-warning=ExperimentalWarning', '--conditions=@nexora/source'];
if (process.execve === undefined) throw new Error('this system cannot put one program in the place of another');
// Files are named from where the caller stands, not from the root of the repository.
process.chdir(process.env['INIT_CWD'] ?? root);
process.execve(
  process.execPath,
  [process.execPath, ...flags, join(root, 'tools/sandbox-portal/src/cli.ts'), ...words, ...folder],
  {
    ...process.env,
    NODE_COMPILE_CACHE: compileCache,
  },
);
