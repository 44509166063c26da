import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Version of the app that this process runs: that of the nearest package.json at or above its entry file, which exists
 * beside the sources and beside the built code alike.
 */
export function appVersion(entry = process.argv[1] ?? ''): string {
  for (let folder = dirname(entry); ; folder = dirname(folder)) {
    const version = versionIn(join(folder, 'package.json'));
    if (version !== undefined) return version;
    if (folder === dirname(folder)) return '0.0.0';
  }
}

function versionIn(file: string): string | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const version: unknown = typeof found === 'object' && found !== null ? Reflect.get(found, 'version') : undefined;
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined; // not there, or not ours to judge: the next folder up
  }
}
