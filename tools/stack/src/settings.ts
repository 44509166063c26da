import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { root } from './home.ts';

/** Servers that the house itself must reach, before it tells its apps of them. */
const ADDRESSES = ['DATABASE_URL', 'REDIS_URL'] as const;

/**
 * Settings that a person keeps in `.env`; what the environment says already wins. An address that stands in a file
 * (`DATABASE_URL_FILE`) is read here: the apps get another login under the same name, and refuse to find both.
 * @throws Error when such a file cannot be read, or both are set; never with the value.
 */
export function readSettings(file = join(root, '.env')): void {
  const kept = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  for (const [name, value] of Object.entries(kept)) process.env[name] ??= value;
  for (const name of ADDRESSES) {
    const address = process.env[`${name}_FILE`];
    if (!address) continue;
    if (process.env[name]) throw new Error(`${name} and ${name}_FILE are both set; keep one.`);
    process.env[name] = contentOf(name, address);
    delete process.env[`${name}_FILE`];
  }
}

function contentOf(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    // Only the cause, not the path: the address itself may have been put there by mistake.
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`${name} cannot be read from the file that ${name}_FILE names (${code}).`, { cause: error });
  }
}
