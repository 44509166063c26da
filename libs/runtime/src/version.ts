import { readFileSync } from 'node:fs';

/**
 * Version of the house. Every package of it carries that of the root `package.json` (a spec holds them together), so a
 * built image, which has no root, tells the same.
 */
export const HOUSE_VERSION = versionIn(new URL('../package.json', import.meta.url));

function versionIn(manifest: URL): string {
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return version;
}
