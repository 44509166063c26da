import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Files of an invented machine, by their absolute path. */
export type HostFiles = Readonly<Record<string, string>>;

/** Lays the files of an invented machine under a folder of its own. */
export function hostTree(files: HostFiles): { readonly root: string; end(): void } {
  const root = mkdtempSync(join(tmpdir(), 'nexora-host-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return { root, end: () => rmSync(root, { recursive: true, force: true }) };
}
