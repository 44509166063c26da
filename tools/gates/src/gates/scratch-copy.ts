import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { trackedFiles } from '../files.ts';
import { root } from '../root.ts';

/** A file that is put into a scratch copy. */
export interface PlantedFile {
  readonly path: string;
  readonly source: string;
}

/** Copies the working tree to a place of its own, plants files in it, and removes it afterwards. */
export async function withScratchCopy<T>(
  planted: readonly PlantedFile[],
  use: (copy: string) => Promise<T>,
): Promise<T> {
  const copy = mkdtempSync(join(tmpdir(), 'nexora-scratch-'));
  try {
    for (const path of await trackedFiles()) cpSync(join(root, path), join(copy, path));
    for (const { path, source } of planted) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      writeFileSync(join(copy, path), source);
    }
    linkPackages(copy);
    return await use(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Packages of others are shared with the repository; our own must lead into the copy, not back out of it. */
function linkPackages(copy: string): void {
  const from = join(root, 'node_modules');
  const to = join(copy, 'node_modules');
  mkdirSync(join(to, '@nexora'), { recursive: true });
  for (const entry of readdirSync(from)) {
    if (entry !== '@nexora') symlinkSync(join(from, entry), join(to, entry));
  }
  for (const group of ['apps', 'libs', 'tools']) {
    for (const project of readdirSync(join(copy, group))) {
      const name = packageName(join(copy, group, project));
      if (name !== undefined) symlinkSync(join(copy, group, project), join(to, name));
    }
  }
}

function packageName(project: string): string | undefined {
  if (!readdirSync(project).includes('package.json')) return undefined;
  return (JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { name: string }).name;
}
