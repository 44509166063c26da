// Hands over to the license agent's own command line, with what a house that is up knows and the caller did not give.
import { join } from 'node:path';
import { Home, root } from './home.ts';
import { licenseEnvironment } from './license-environment.ts';
import { readSettings } from './settings.ts';

readSettings();
const loader = ['--import', new URL('./decorators.ts', import.meta.url).href];
const flags = ['--disable-warning=ExperimentalWarning', '--conditions=@nexora/source'];
const args = [...flags, ...loader, join(root, 'apps/license/src/cli.ts'), ...process.argv.slice(2)];
const env = { ...licenseEnvironment(process.env, Home.ofClone()), SWC_NODE_PROJECT: join(root, 'tsconfig.json') };
if (process.execve === undefined) throw new Error('this system cannot put one program in the place of another');
// Files are named from where the caller stands, not from the root of the repository.
process.chdir(process.env['INIT_CWD'] ?? root);
process.execve(process.execPath, [process.execPath, ...args], env);
