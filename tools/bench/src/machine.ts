import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { percentile } from './numbers.ts';

/** The machine and versions behind the figures. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly postgres: string;
  readonly redis: string;
}

export async function describeMachine(admin: Pool, redisVersion: string): Promise<Machine> {
  const { rows } = await admin.query<{ server_version: string }>('SHOW server_version');
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    node: process.versions.node,
    postgres: rows[0]?.server_version ?? 'unknown',
    redis: redisVersion,
  };
}

/** Version of a running server. */
export async function redisVersion(url: string): Promise<string> {
  const client = new Redis(url);
  try {
    return /redis_version:(\S+)/.exec(await client.info('server'))?.[1] ?? 'unknown';
  } finally {
    client.disconnect();
  }
}

const TRIES = 200;
const PAGE = Buffer.alloc(8192);

/** Median microseconds for one 8 kB write with fdatasync in that folder: what a commit costs this disk. */
export function fsyncMicros(folder: string): number {
  const place = mkdtempSync(join(folder, 'fsync-'));
  const file = openSync(join(place, 'page'), 'w');
  try {
    const times = Array.from({ length: TRIES }, () => {
      const before = process.hrtime.bigint();
      writeSync(file, PAGE, 0, PAGE.length, 0);
      fdatasyncSync(file);
      return Number(process.hrtime.bigint() - before) / 1000;
    });
    return Math.round(percentile(times, 0.5));
  } finally {
    closeSync(file);
    rmSync(place, { recursive: true });
  }
}

/** The version of a package as it is installed beside the caller. */
export function versionOf(packageName: string): string {
  for (let folder = new URL('.', import.meta.url); ; folder = new URL('..', folder)) {
    const parsed = readVersion(new URL(`node_modules/${packageName}/package.json`, folder));
    if (parsed !== undefined) return parsed;
    if (folder.pathname === '/') return 'unknown';
  }
}

function readVersion(file: URL): string | undefined {
  try {
    const parsed = JSON.parse(readFileSync(file, 'utf8')) as { version?: string };
    return parsed.version;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
