// Builds the package in the working directory: `src` to `dist`.
//
// It is built beside and then put in place, because processes of a house that is up are started from `dist` at any
// moment: a folder that is empty for the seconds of a build would make a restart in them fail.
import { spawnSync } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';

// Beside `dist` and as deep: the maps to the sources hold relative paths.
const fresh = `.dist-${process.pid}`;
const former = `${fresh}-former`;

const args = ['src', '-d', fresh, '--strip-leading-paths', '--copy-files', '--config-file', '../../.swcrc'];
const { status, error } = spawnSync('swc', args, { stdio: 'inherit' });
try {
  if (error !== undefined) throw error;
  if (status === 0) putInPlace();
  else process.exitCode = status ?? 1;
} finally {
  for (const folder of [fresh, former]) rmSync(folder, { recursive: true, force: true });
}

/** Two renames, some microseconds apart; when another build of the package got in between, its result is as good. */
function putInPlace() {
  move('dist', former, 'ENOENT');
  move(fresh, 'dist', 'ENOTEMPTY');
}

function move(from, to, expected) {
  try {
    renameSync(from, to);
  } catch (cause) {
    if (cause.code !== expected) throw cause;
  }
}
