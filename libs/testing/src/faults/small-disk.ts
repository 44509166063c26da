import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, rmdirSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorCode } from '@nexora/embedded';

/** A file system of a few megabytes, to be filled. */
export interface SmallDisk {
  readonly path: string;
  /** Fills what is free, to the last block. */
  fill(): void;
  /** Frees what `fill` took. */
  empty(): void;
  /** Unmounts and removes it. */
  end(): void;
}

/** Mounts a small file system in memory, or answers why this machine does not allow it. */
export function smallDisk(megabytes: number): SmallDisk | { skipped: string } {
  if (process.getuid?.() !== 0) return { skipped: 'only root may mount a small disk' };
  const path = mkdtempSync(join(tmpdir(), 'nexora-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0777`, 'tmpfs', path], {
    encoding: 'utf8',
  });
  if (mounted.status !== 0) {
    rmdirSync(path);
    return { skipped: `mount is refused here: ${mounted.stderr.trim()}` };
  }
  const ballast = join(path, 'ballast');
  return {
    path,
    fill: () => fillWith(ballast),
    empty: () => rmSync(ballast, { force: true }),
    end: () => {
      spawnSync('umount', ['--lazy', path]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}

function fillWith(file: string): void {
  const handle = openSync(file, 'a');
  try {
    for (const size of [1 << 20, 1 << 12, 1]) writeUntilFull(handle, Buffer.alloc(size));
  } finally {
    closeSync(handle);
  }
}

function writeUntilFull(handle: number, piece: Buffer): void {
  try {
    while (writeSync(handle, piece) > 0);
  } catch (error) {
    if (errorCode(error) !== 'ENOSPC') throw error;
  }
}
