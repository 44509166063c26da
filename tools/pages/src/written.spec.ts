import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '../../..');
const written = ['README.md', 'CHANGELOG.md', ...globSync('{docs/**,apps/*,tools/*}/*.md', { cwd: root })].sort();

/** Every place of every page that the expression finds and nothing stands behind. */
function loose(place: RegExp, isThere: (name: string, folder: string) => boolean): string[] {
  return written.flatMap((page) => {
    const found = [...readFileSync(join(root, page), 'utf8').matchAll(place)].map(([, name = '']) => name);
    return found.filter((name) => !isThere(name, dirname(page))).map((name) => `${page}: ${name}`);
  });
}

function scriptsOf(folder: string): Readonly<Record<string, string>> {
  const file = join(root, folder, 'package.json');
  if (!existsSync(file)) return {};
  return (JSON.parse(readFileSync(file, 'utf8')) as { scripts?: Record<string, string> }).scripts ?? {};
}

describe('pages that people write', () => {
  it('link to nothing that is not there', () => {
    const link = /\]\((?!https?:|#)([^)#\s]+)/g;
    expect(loose(link, (target, folder) => existsSync(join(root, folder, target)))).toEqual([]);
  });

  it('name files and folders of the repository that are there', () => {
    const name = /`((?:apps|libs|tools|docs)\/[\w./-]+)`/g;
    // The guide to a new agent names the files that its reader is about to make.
    expect(loose(name, (path) => path.includes('citas') || existsSync(join(root, path)))).toEqual([]);
  });

  it('name commands that are there', () => {
    const command = /npm run (?:--silent )?([\w:-]+)/g;
    expect(loose(command, (script, folder) => script in { ...scriptsOf('.'), ...scriptsOf(folder) })).toEqual([]);
  });
});
