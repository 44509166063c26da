import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { findOnPath, isExecutable } from './child.ts';
import { MissingProgram } from './errors.ts';
import { installPackages, type Say } from './install.ts';

/** Programs of a Postgres server, all of one version. */
export interface PostgresPrograms {
  readonly bin: string;
  readonly major: number;
}

/** A server that speaks Redis' protocol. */
export interface RedisProgram {
  readonly path: string;
  readonly version: string;
}

const OLDEST_POSTGRES = 14;
const OLDEST_REDIS = [6, 2] as const;

/** Every Postgres 14 or newer on this machine, newest first. */
function postgresOnMachine(): PostgresPrograms[] {
  const folders = new Set([...pathFolders(), ...versionedFolders()].map(realFolder).filter((each) => each !== null));
  return [...folders]
    .map((bin) => ({ bin, major: postgresMajor(bin) }))
    .filter((found) => found.major >= OLDEST_POSTGRES)
    .sort((a, b) => b.major - a.major);
}

/**
 * Programs for a new instance (the newest), or for data of the given major version, which no other can open.
 * Installs them when the machine has none and `install` allows it.
 */
export async function findPostgres(
  options: { major?: number; install?: boolean; say?: Say } = {},
): Promise<PostgresPrograms> {
  const fits = (found: PostgresPrograms) => options.major === undefined || found.major === options.major;
  const there = postgresOnMachine().find(fits);
  if (there !== undefined) return there;
  if (options.major !== undefined) {
    throw new MissingProgram(
      `The data were written by Postgres ${options.major}, and its programs are not on this machine. ` +
        `Install postgresql-${options.major}, or set DATABASE_URL to a server that holds the data.`,
    );
  }
  const hint = 'Install PostgreSQL 14 or newer (Debian, Ubuntu: apt-get install postgresql), or set DATABASE_URL.';
  if (options.install === false) throw new MissingProgram(`There is no Postgres on this machine. ${hint}`);
  await installPackages('postgres', hint, options.say);
  const installed = postgresOnMachine().find(fits);
  if (installed === undefined) throw new MissingProgram(`The package manager brought no Postgres 14 or newer. ${hint}`);
  return installed;
}

/** A Redis 6.2+ or Valkey server, installed when the machine has none and `install` allows it. */
export async function findRedis(options: { install?: boolean; say?: Say } = {}): Promise<RedisProgram> {
  const there = redisOnMachine();
  if (there !== null) return there;
  const hint =
    'Install Redis 6.2 or newer, or Valkey (Debian, Ubuntu: apt-get install redis-server), or set REDIS_URL.';
  if (options.install === false) throw new MissingProgram(`There is no Redis on this machine. ${hint}`);
  await installPackages('redis', hint, options.say);
  const installed = redisOnMachine();
  if (installed === null) throw new MissingProgram(`The package manager brought no Redis 6.2 or newer. ${hint}`);
  return installed;
}

function redisOnMachine(): RedisProgram | null {
  for (const name of ['redis-server', 'valkey-server']) {
    const path =
      findOnPath(name) ?? ['/usr/local/bin', '/opt/redis/bin'].map((folder) => join(folder, name)).find(isExecutable);
    const version = path === undefined ? null : redisVersion(path);
    if (path !== undefined && version !== null) return { path, version };
  }
  return null;
}

/** "7.0.15", or null for a server that is too old or none. */
function redisVersion(path: string): string | null {
  const version = / v=(\d+)\.(\d+)\S*/.exec(firstLine(path, '--version'));
  const [major, minor] = [Number(version?.[1]), Number(version?.[2])];
  const recent = major > OLDEST_REDIS[0] || (major === OLDEST_REDIS[0] && minor >= OLDEST_REDIS[1]);
  return version !== null && recent ? version[0].slice(3) : null;
}

function postgresMajor(bin: string): number {
  if (!isExecutable(join(bin, 'initdb'))) return 0;
  return Number(/\(PostgreSQL\) (\d+)/.exec(firstLine(join(bin, 'postgres'), '--version'))?.[1] ?? 0);
}

function firstLine(program: string, option: string): string {
  const { stdout, status } = spawnSync(program, [option], { encoding: 'utf8', timeout: 10_000 });
  return status === 0 ? (stdout.split('\n')[0] ?? '') : '';
}

function pathFolders(): string[] {
  return (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
}

/** Distributions keep the server's programs off PATH, in a folder per version. */
function versionedFolders(): string[] {
  const below = (folder: string, inside: string, prefix: string) =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => name.startsWith(prefix))
          .map((name) => join(folder, name, inside))
      : [];
  return [
    ...below('/usr/lib/postgresql', 'bin', ''),
    ...below('/usr', 'bin', 'pgsql-'),
    ...below('/usr/libexec', '', 'postgresql'),
    '/usr/local/pgsql/bin',
    '/usr/local/bin',
  ];
}

/** The folder that really holds `postgres`: PATH may have links to some of the programs only. */
function realFolder(folder: string): string | null {
  const program = join(folder, 'postgres');
  return isExecutable(program) ? dirname(realpathSync(program)) : null;
}
