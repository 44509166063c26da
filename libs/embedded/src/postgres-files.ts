import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account } from './account.ts';
import { StartFailed } from './errors.ts';

/**
 * What the instance may lose. `durable`: nothing that was committed, whatever happens. `fast`: for tests; survives
 * kill -9 of the server (the kernel keeps what was written), but not a power cut of the machine.
 */
export type Durability = 'durable' | 'fast';

/** The superuser of every private instance. */
export const SUPERUSER = 'nexora_admin';

/** Makes the cluster once. It is built aside and renamed, so that a cut in the middle leaves nothing half done. */
export function initCluster(bin: string, folder: string, account: Account | null, password: string): string {
  const cluster = join(folder, 'cluster');
  if (existsSync(join(cluster, 'PG_VERSION'))) return cluster;
  const secret = mkdtempSync(join(tmpdir(), 'nexora-'));
  const passwordFile = join(secret, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account !== null) for (const path of [secret, passwordFile]) chownSync(path, account.uid, account.gid);
  try {
    const failures = ['C.UTF-8', 'C'].map((locale) => initdb(bin, `${cluster}.new`, locale, passwordFile, account));
    if (failures.every((failure) => failure !== null)) throw new StartFailed('initdb failed', failures.join('\n'));
  } finally {
    rmSync(secret, { recursive: true });
  }
  renameSync(`${cluster}.new`, cluster);
  return cluster;
}

/** Null when it worked or was there already, else what initdb said. */
function initdb(
  bin: string,
  target: string,
  locale: string,
  passwordFile: string,
  account: Account | null,
): string | null {
  if (existsSync(join(target, 'PG_VERSION')) && locale === 'C') return null;
  rmSync(target, { recursive: true, force: true });
  const login = ['--username', SUPERUSER, '--pwfile', passwordFile, '--auth', 'scram-sha-256'];
  const args = ['--pgdata', target, '--encoding', 'UTF8', '--locale', locale, '--no-instructions', ...login];
  const as = account === null ? {} : { uid: account.uid, gid: account.gid };
  const done = spawnSync(join(bin, 'initdb'), args, { ...as, cwd: '/', encoding: 'utf8', env: childEnvironment() });
  return done.status === 0 ? null : `${done.stdout ?? ''}${done.stderr ?? ''}${done.error?.message ?? ''}`;
}

/** What a service may see of our environment: no PG* variable, no setting, no secret. */
export function childEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}

/** Major version that wrote the cluster, or null while there is none. */
export function clusterVersion(folder: string): number | null {
  const file = join(folder, 'cluster', 'PG_VERSION');
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : null;
}

/** Writes the whole configuration anew, so that an update of ours reaches old data. ALTER SYSTEM still wins. */
export function writeConfig(cluster: string, port: number, durability: Durability, account: Account | null): void {
  const files = {
    'postgresql.conf': settings(port, durability),
    'pg_hba.conf': 'host all all 127.0.0.1/32 scram-sha-256\n',
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(cluster, name);
    writeFileSync(path, text, { mode: 0o600 });
    if (account !== null) chownSync(path, account.uid, account.gid);
  }
}

/** Sized for a mini-PC of 4 GB that runs everything else too: about 40 MB before the first query. */
function settings(port: number, durability: Durability): string {
  const safe = durability === 'durable' ? 'on' : 'off';
  return [
    '# Written by Nexora Agents at every start. For lasting changes: ALTER SYSTEM.',
    "listen_addresses = '127.0.0.1'",
    `port = ${port}`,
    "unix_socket_directories = ''",
    'max_connections = 200',
    'shared_buffers = 64MB',
    'work_mem = 4MB',
    'maintenance_work_mem = 64MB',
    'effective_cache_size = 512MB',
    'random_page_cost = 1.5',
    'jit = off',
    'max_parallel_workers_per_gather = 0',
    `fsync = ${safe}`,
    `full_page_writes = ${safe}`,
    'synchronous_commit = on',
    'wal_compression = on',
    `min_wal_size = ${durability === 'durable' ? '80MB' : '512MB'}`,
    'max_wal_size = 1GB',
    'checkpoint_timeout = 15min',
    'checkpoint_completion_target = 0.9',
    'autovacuum_naptime = 15s',
    'tcp_keepalives_idle = 60',
    "timezone = 'UTC'",
    "log_timezone = 'UTC'",
    'password_encryption = scram-sha-256',
    // A statement or the DETAIL of an error may hold a customer's data: neither is logged.
    'log_min_error_statement = panic',
    'log_error_verbosity = terse',
    "log_line_prefix = '%m [%p] %q%u@%d '",
    '',
  ].join('\n');
}
