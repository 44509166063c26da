import { lstatSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Makes a folder anew beside the old one and puts it in its place in one step: `folder` is a symbolic link to the newest of
 * `folder.versions/`, so a reader sees the old files or the new, never some of each. What fails leaves the old one.
 * @param fill writes into the new folder; its answer is handed on
 */
export async function swappedIn<T>(folder: string, fill: (fresh: string) => Promise<T>): Promise<T> {
  const versions = `${folder}.versions`;
  mkdirSync(versions, { recursive: true });
  const fresh = mkdtempSync(join(versions, 'v-'));
  try {
    const answer = await fill(fresh);
    pointAt(folder, fresh);
    forgetOthers(versions, fresh);
    return answer;
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw error;
  }
}

function pointAt(folder: string, fresh: string): void {
  const link = `${fresh}.link`;
  symlinkSync(join(basename(dirname(fresh)), basename(fresh)), link);
  try {
    setAside(folder);
    renameSync(link, folder);
  } catch (error) {
    rmSync(link, { force: true });
    throw error;
  }
}

/** A folder that a person made by hand gives way once; from then on there is a link. */
function setAside(folder: string): void {
  const there = lstatSync(folder, { throwIfNoEntry: false });
  if (there === undefined || there.isSymbolicLink()) return;
  renameSync(folder, `${folder}.versions/by-hand-${process.pid}-${Date.now()}`);
}

/** Former versions go; what a person had made stays. */
function forgetOthers(versions: string, fresh: string): void {
  for (const name of readdirSync(versions)) {
    if (name.startsWith('v-') && name !== basename(fresh))
      rmSync(join(versions, name), { recursive: true, force: true });
  }
}
