import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What an instance keeps from start to start, besides its data. */
export interface Kept {
  readonly password: string;
  /** Port of the last start; the next one takes it again if it is free. */
  readonly port: number;
}

/** Reads `dir/instance.json` (mode 0600), or makes a password of 192 random bits. */
export function readKept(dir: string): Kept {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, 'instance.json');
  if (!existsSync(file)) return { password: randomBytes(24).toString('hex'), port: 0 };
  const kept = JSON.parse(readFileSync(file, 'utf8')) as Partial<Kept>;
  return { password: String(kept.password), port: Number(kept.port) };
}

/** Writes it whole or not at all. */
export function writeKept(dir: string, kept: Kept): void {
  const file = join(dir, 'instance.json');
  writeFileSync(`${file}.new`, JSON.stringify(kept), { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
}
