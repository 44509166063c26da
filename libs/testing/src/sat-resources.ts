import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Requirement } from './when.ts';

/** Folder with the tax authority's public files: SAT_RESOURCES_DIR, else `../shared/sat` beside the checkout. */
const folder = process.env['SAT_RESOURCES_DIR'] || fileURLToPath(new URL('../../../../shared/sat', import.meta.url));

/** What tests of the tax authority's files need; tests that need them go through `describeWhen(satResources)`. */
export const satResources: Requirement = {
  met: existsSync(join(folder, 'cfdi40-with-complementos.xsd')),
  otherwise: 'the public files of the tax authority are neither in SAT_RESOURCES_DIR nor in ../shared/sat',
};

/** Path of one of those files, for instance `catalogos/c_monedas.csv`. */
export function satResource(path: string): string {
  return join(folder, path);
}
