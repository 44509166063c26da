import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.ts';
import { root } from './root.ts';

/** Files of the repository as they lie in the working tree: committed, changed or new, but not ignored. */
export async function trackedFiles(): Promise<string[]> {
  const { code, output } = await run('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z']);
  if (code !== 0) throw new Error(`git cannot list the files of the repository: ${output}`);
  // A file that was deleted but not yet committed is still on git's list.
  return [...new Set(output.split('\0'))].filter((path) => path !== '' && existsSync(join(root, path)));
}
