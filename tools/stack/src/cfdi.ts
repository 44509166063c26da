// Hands over to the CFDI agent's own command line, with what a house that is up knows and the caller did not give.
import { join } from 'node:path';
import { Home, root } from './home.ts';
import { readSettings } from './settings.ts';

const words = process.argv.slice(2);
// Code of an app has decorators, which Node's own type stripping refuses.
const loader = ['--import', '@swc-node/register/esm-register'];
const flags = ['--disable-warning=ExperimentalWarning', '--conditions=@nexora/source', ...loader];
const args = [process.execPath, ...flags, join(root, 'apps/cfdi/src/cli.ts'), ...words];
if (process.execve === undefined) throw new Error('this system cannot put one program in the place of another');
process.execve(process.execPath, args, await environment());

/** Only commands that write to the database look for a house: the others need none, and should not wait for it. */
async function environment(): Promise<NodeJS.ProcessEnv> {
  if (words[0] !== 'issuer' && words[0] !== 'csd') return process.env;
  readSettings();
  const { cfdiEnvironment } = await import('./cfdi-environment.ts');
  return cfdiEnvironment(process.env, Home.ofClone());
}
