import { closeSync, fsyncSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { referencesOf, withRelativeReferences } from './addresses.ts';
import { fetchFile, type Patience } from './fetching.ts';
import { MANIFEST, sha256, type Manifest, type ManifestFile } from './manifest.ts';
import { swappedIn } from './swap.ts';

/** What to fetch, from where, into which folder. */
export interface Order extends Patience {
  /** Ends with a slash. */
  readonly from: URL;
  readonly roots: readonly string[];
  readonly folder: string;
  /** Throws when the files of a folder do not serve the agent. */
  readonly assertUsable: (folder: string) => Promise<void>;
}

/** Far above what the tax authority's files refer to. */
const MOST_FILES = 200;

/**
 * Fetches the roots and all that they refer to, writes them into a new folder, has them tried there, and puts that in the
 * place of the old one.
 * Whatever fails, the old folder stays as it was.
 * @throws NotFetched, or the file system's error
 */
export async function pull(order: Order, at: Date): Promise<Manifest> {
  const files = await fetched(order);
  return swappedIn(order.folder, async (folder) => {
    const listed = [...files].map(([path, file]) => written(folder, path, file));
    const manifest = { source: order.from.href, fetchedAt: at.toISOString(), files: listed };
    durably(join(folder, MANIFEST), Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
    await order.assertUsable(folder);
    return manifest;
  });
}

interface File {
  readonly kept: Buffer;
  readonly sourceSha256: string;
  readonly lastModified: string | null;
}

/** One after another: the site is slow and resets connections that come in a bunch. */
async function fetched({ from, roots, timeoutMs, pauseMs }: Order): Promise<Map<string, File>> {
  const files = new Map<string, File>();
  const open = [...roots];
  for (let path = open.shift(); path !== undefined; path = open.shift()) {
    if (files.has(path)) continue;
    if (files.size >= MOST_FILES) throw new Error(`Los archivos remiten a más de ${MOST_FILES} más.`);
    const { text, bytes, lastModified } = await fetchFile(new URL(path, from), { timeoutMs, pauseMs });
    const kept = Buffer.from(withRelativeReferences(path, text));
    files.set(path, { kept, sourceSha256: sha256(bytes), lastModified });
    open.push(...referencesOf(path, text));
  }
  return files;
}

function written(folder: string, path: string, { kept, sourceSha256, lastModified }: File): ManifestFile {
  const name = `www.sat.gob.mx/${path}`;
  durably(join(folder, name), kept);
  return { path: name, bytes: kept.length, sha256: sha256(kept), sourceSha256, lastModified };
}

function durably(path: string, bytes: Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, 'wx', 0o644);
  try {
    writeFileSync(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
