// Hands over to the license agent's own command line, with what a house that is up knows and the caller did not give.
import { join } from 'node:path';
import { Home, root } from './home.ts';
import { licenseEnvironment } from './license-environment.ts';
import { readSettings } from './settings.ts';
import { compileCache } from './steps/compile-cache.ts';

readSettings();
// Node runs the sources as they are: nothing behind the desk has decorators.
const flags = ['--disable-warning=ExperimentalWarning', '--conditions=@nexora/source'];
const args = [...flags, join(root, 'apps/license/src/cli.ts'), ...process.argv.slice(2)];
const env = { ...licenseEnvironment(process.env, Home.ofClone()), NODE_COMPILE_CACHE: compileCache };
if (process.execve === undefined) throw new Error('this system cannot put one program in the place of another');
// Files are named from where the caller stands, not from the root of the repository.
process.chdir(process.env['INIT_CWD'] ?? root);
process.execve(process.execPath, [process.execPath, ...args], env);
