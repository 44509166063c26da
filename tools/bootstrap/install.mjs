import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** Long enough for `npm ci` on a slow line; who waits longer is told instead of hanging for ever. */
const WAIT_FOR_OTHER_MS = 15 * 60_000;

/**
 * Makes `folder`/node_modules match `folder`/package-lock.json and does nothing when it already does.
 * Any number of commands may start at once: one installs, the others wait for it.
 */
export async function ensureInstalled(folder) {
  if (isFresh(folder)) return;
  const release = await takeLock(folder);
  try {
    if (isFresh(folder)) return;
    if (!matchesWhatNpmInstalled(folder)) await npmCi(folder);
    writeFileSync(stampPath(folder), lockHash(folder));
  } finally {
    release();
  }
}

function isFresh(folder) {
  return readOrUndefined(stampPath(folder)) === lockHash(folder);
}

function stampPath(folder) {
  return join(folder, 'node_modules/.nexora-stamp');
}

function lockHash(folder) {
  return createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex');
}

/**
 * After `npm install <package>` the stamp is stale although everything is in place. npm keeps its own account of
 * what it put into node_modules; when that agrees with the lock file a second install would only tear node_modules
 * from under whatever runs.
 */
function matchesWhatNpmInstalled(folder) {
  const account = readOrUndefined(join(folder, 'node_modules/.package-lock.json'));
  if (account === undefined) return false;
  const installed = JSON.parse(account).packages;
  const wanted = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages;
  const inNodeModules = Object.keys(wanted).filter((path) => path.startsWith('node_modules/'));
  const missing = inNodeModules.filter((path) => {
    const there = installed[path];
    if (there === undefined) return !wanted[path].optional;
    return there.version !== wanted[path].version || there.integrity !== wanted[path].integrity;
  });
  const surplus = Object.keys(installed).filter((path) => path.startsWith('node_modules/') && !(path in wanted));
  return missing.length === 0 && surplus.length === 0;
}

async function npmCi(folder) {
  process.stderr.write('nexora: installing what the lock file names (npm ci)\n');
  const code = await new Promise((resolve, reject) => {
    const child = spawn('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: folder,
      stdio: ['ignore', 2, 2],
    });
    child.on('error', reject);
    child.on('exit', resolve);
  });
  if (code !== 0) throw new Error(`npm ci failed in ${folder} (exit ${code}); its messages stand above`);
}

/** The lock is a file with the holder's pid; a holder that is dead, or a file nobody wrote to, does not count. */
async function takeLock(folder) {
  const path = join(folder, '.cache/install.lock');
  mkdirSync(join(folder, '.cache'), { recursive: true });
  const deadline = Date.now() + WAIT_FOR_OTHER_MS;
  for (let told = false; ; told = true) {
    try {
      const file = openSync(path, 'wx');
      writeFileSync(file, String(process.pid));
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = abandonedBy(path);
    if (holder !== undefined) {
      takeAway(path, holder);
      continue;
    }
    if (Date.now() > deadline) throw new Error(`another install holds ${path} for too long; remove it when none runs`);
    if (!told) process.stderr.write('nexora: waiting for another install to end\n');
    await wait(250);
  }
}

/** What stands in a lock that nobody holds any more; undefined while somebody does, or when it was just released. */
function abandonedBy(path) {
  const holder = readOrUndefined(path);
  if (holder === undefined) return undefined;
  if (holder === '') {
    // Between creating the file and writing the pid there is a moment; after some seconds it is a leftover.
    const created = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    return Date.now() - created > 5_000 ? holder : undefined;
  }
  try {
    process.kill(Number(holder), 0);
    return undefined;
  } catch (error) {
    return error.code === 'ESRCH' ? holder : undefined;
  }
}

/**
 * Two waiters may find the same lock abandoned, and the slower one must not remove what the faster one has just
 * taken: a rename has one winner, and what was renamed is looked at before it is thrown away.
 */
function takeAway(path, holder) {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    if (readOrUndefined(aside) !== holder) linkSync(aside, path);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  }
  rmSync(aside, { force: true });
}

function readOrUndefined(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
