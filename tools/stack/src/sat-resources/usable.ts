import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../home.ts';
import { NotFetched } from './fetching.ts';

const FLAGS = ['--disable-warning=ExperimentalWarning', '--conditions=@nexora/source'];
const CLI = join(root, 'apps/cfdi/src/cli.ts');
/** To compile the tax authority's own files, with all their catalogues, takes a second or two. */
const LONGEST_MS = 120_000;

/**
 * Has the agent's own code read and compile the schemas of a folder, and judge good documents by them.
 * @throws NotFetched with its sentence
 */
export async function assertUsable(folder: string): Promise<void> {
  const args = [...FLAGS, CLI, 'schemas', 'check', folder];
  await new Promise<void>((resolve, reject) => {
    execFile(process.execPath, args, { timeout: LONGEST_MS }, (error, _out, said) => {
      if (error === null) resolve();
      else
        reject(new NotFetched(`Los archivos descargados no sirven: ${said.trim() || error.message}`, { cause: error }));
    });
  });
}
