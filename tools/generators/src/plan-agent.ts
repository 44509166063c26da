import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';

/**
 * The folder is laid out like the repository: a file that is put into it, for an image or a chart too, is made for
 * every agent from then on. The suffix hides the files from linters, compilers and test runners.
 */
const template = join(import.meta.dirname, '../template');
const SUFFIX = '.tpl';

/** The one file of the house that must name an agent; all else finds it by its folder. */
const CONTRACTS = 'libs/contracts/src/index.ts';

/** A file of the repository and what it shall say. */
export interface PlannedFile {
  readonly path: string;
  readonly source: string;
}

/**
 * Every file that an agent of this name adds or changes in the repository under `root`, formatted; nothing is written.
 * @param now Stamps the first migration.
 */
export async function planAgent(root: string, name: string, now: Date): Promise<PlannedFile[]> {
  const fill = filler(name, now);
  const made = globSync(`**/*${SUFFIX}`, { cwd: template }).sort();
  const contracts = readFileSync(join(root, CONTRACTS), 'utf8');
  const drafts = [
    ...made.map((path) => ({
      path: fill(path.slice(0, -SUFFIX.length)),
      source: fill(readFileSync(join(template, path), 'utf8')),
    })),
    {
      path: CONTRACTS,
      source: contracts + fill("export { __camel__Kinds, type __Pascal__Kinds } from './__name__.kinds.ts';\n"),
    },
  ];
  return Promise.all(drafts.map((draft) => formatted(root, draft)));
}

/** Replaces the placeholders of the template, in texts and in paths. */
function filler(name: string, now: Date): (text: string) => string {
  const words = name.split('-');
  const pascal = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  const values: Readonly<Record<string, string>> = {
    name,
    schema: words.join('_'),
    UPPER: words.join('_').toUpperCase(),
    Pascal: pascal,
    camel: name.charAt(0) + pascal.slice(1),
    stamp: now.toISOString().replace(/\D/g, '').slice(0, 14),
  };
  return (text) => text.replaceAll(/__([a-zA-Z]+?)__/g, (placeholder, key: string) => values[key] ?? placeholder);
}

/** As the format gate wants it: how long a name is decides where lines break. */
async function formatted(root: string, { path, source }: PlannedFile): Promise<PlannedFile> {
  const filepath = join(root, path);
  return { path, source: await format(source, { ...(await resolveConfig(filepath)), filepath }) };
}
