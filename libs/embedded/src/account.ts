import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, chownSync, lstatSync, mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { MissingProgram } from './errors.ts';

/** An account of the operating system, by its numbers. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Where data lies that the given folder cannot hold: on the disk, not in /tmp, which a restart may empty. */
const SPARE_ROOT = '/var/lib/nexora-agents';
const OWN_ACCOUNT = 'nexora-agents';

/**
 * The account that services run as: null (our own) unless we are root, whom Postgres refuses. Root lends one of
 * `preferred` if it exists, else `nexora-agents`, which is made, else `nobody`.
 */
export function serviceAccount(preferred: readonly string[]): Account | null {
  if (process.getuid?.() !== 0) return null;
  for (const name of [...preferred, OWN_ACCOUNT]) {
    const found = accountNamed(name);
    if (found !== null) return found;
  }
  spawnSync('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', OWN_ACCOUNT]);
  const made = accountNamed(OWN_ACCOUNT) ?? accountNamed('nobody');
  if (made === null)
    throw new MissingProgram('As root, Postgres needs an unprivileged account: useradd --system postgres');
  return made;
}

function accountNamed(name: string): Account | null {
  const [uid, gid] = ['-u', '-g'].map((option) => spawnSync('id', [option, name], { encoding: 'utf8' }));
  if (uid?.status !== 0 || gid?.status !== 0) return null;
  return { name, uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

/**
 * A folder named `name` below `dir` that `account` owns and can reach, made if missing. When a parent bars its way
 * (a home of mode 0700), the folder lies below `spareRoot` and `dir/name` is a link to it.
 */
export function folderFor(account: Account | null, dir: string, name: string, spareRoot = SPARE_ROOT): string {
  mkdirSync(dir, { recursive: true });
  const wanted = join(dir, name);
  const existing = linkTarget(wanted);
  if (existing !== null) return ownFolder(account, existing);
  if (account === null || isFolder(wanted) || reaches(account, dir)) return ownFolder(account, wanted);
  const spare = join(spareRoot, `${name}-${randomUUID()}`);
  mkdirSync(spareRoot, { recursive: true });
  chmodSync(spareRoot, 0o755); // whatever the umask says: the account must pass
  ownFolder(account, spare);
  symlinkSync(spare, wanted);
  return spare;
}

/** Removes what `folderFor` made, also where it lies elsewhere behind a link. */
export function removeFolder(dir: string, name: string): void {
  const target = linkTarget(join(dir, name));
  if (target !== null) rmSync(target, { recursive: true, force: true });
  rmSync(join(dir, name), { recursive: true, force: true });
}

function ownFolder(account: Account | null, path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (account !== null) chownSync(path, account.uid, account.gid);
  return path;
}

function linkTarget(path: string): string | null {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(path) : null;
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** The kernel's own answer: may this account pass through the folder? Mode bits alone would miss ACLs and mounts. */
function reaches(account: Account, folder: string): boolean {
  const { uid, gid } = account;
  return spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', folder], { uid, gid, cwd: '/' }).status === 0;
}
