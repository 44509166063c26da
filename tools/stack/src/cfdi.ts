// Hands over to the CFDI agent's own command line, with what a house that is up knows and the caller did not give.
import { join, resolve } from 'node:path';
import { Home, root } from './home.ts';
import { readSettings } from './settings.ts';

const words = process.argv.slice(2);
/** Commands whose code Node runs as it is; the stores and handlers of an app have decorators, which it refuses. */
const PLAIN = ['cadena', 'seal', 'verify', 'letra', 'csd check', 'schemas check'];
/** Commands that need no house; they should not wait for one. */
const ALONE = [...PLAIN, 'pdf'];

const flags = ['--disable-warning=ExperimentalWarning', '--conditions=@nexora/source'];
const loader = isOneOf(PLAIN) ? [] : ['--import', new URL('./decorators.ts', import.meta.url).href];
// The others must work whatever stands in `.env`.
if (words[0] === 'verify' || !isOneOf(ALONE)) readSettings();
const args = [...flags, ...loader, join(root, 'apps/cfdi/src/cli.ts'), ...words, ...(await standInCsd()), ...schemas()];
const env = { ...(await environment()), SWC_NODE_PROJECT: join(root, 'tsconfig.json') };
if (process.execve === undefined) throw new Error('this system cannot put one program in the place of another');
// Files are named from where the caller stands, not from the root of the repository.
process.chdir(process.env['INIT_CWD'] ?? root);
process.execve(process.execPath, [process.execPath, ...args], env);

function isOneOf(commands: readonly string[]): boolean {
  return commands.some((command) => command.split(' ').every((word, index) => words[index] === word));
}

async function environment(): Promise<NodeJS.ProcessEnv> {
  if (isOneOf(ALONE)) return process.env;
  const { cfdiEnvironment } = await import('./cfdi-environment.ts');
  return cfdiEnvironment(process.env, Home.ofClone());
}

/** Where the tax authority's schemas are, for whoever verifies and does not say so. */
function schemas(): string[] {
  const folder = process.env['SAT_RESOURCES_DIR'];
  if (words[0] !== 'verify' || !folder || words.some((word) => /^--xsd(=|$)/.test(word))) return [];
  return ['--house-xsd', resolve(root, folder)];
}

/** Sealing without naming a CSD is done with that of the demonstration issuer. */
async function standInCsd(): Promise<string[]> {
  const names = words.some((word) => /^--(cer|key|password-file)(=|$)/.test(word));
  if (words[0] !== 'seal' || names || words.includes('--help') || words.includes('-h')) return [];
  const { demonstrationCsd } = await import('./demonstration-csd.ts');
  return demonstrationCsd();
}
