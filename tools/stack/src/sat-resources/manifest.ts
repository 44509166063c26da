import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Name of the list of what was fetched, beside the files. */
export const MANIFEST = 'manifest.json';

/** One file as it was fetched and as it is kept. */
export interface ManifestFile {
  /** From the folder: `www.sat.gob.mx/sitio_internet/cfd/4/cfdv40.xsd`. */
  readonly path: string;
  readonly bytes: number;
  /** Of the file as it is kept, its references made relative. */
  readonly sha256: string;
  /** Of the file as the site gave it. */
  readonly sourceSha256: string;
  readonly lastModified: string | null;
}

/** What a pull fetched, from where and when. */
export interface Manifest {
  readonly source: string;
  /** ISO 8601. */
  readonly fetchedAt: string;
  readonly files: readonly ManifestFile[];
}

/** SHA-256 in hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What is wrong with a folder by its manifest, one line each in Spanish; empty when nothing is. */
export function faultsOf(folder: string): string[] {
  const path = join(folder, MANIFEST);
  if (!existsSync(path)) return [`No hay ${MANIFEST} en ${folder}: use primero sat-resources -- pull.`];
  const { files } = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  const known = new Set(files.map((file) => file.path));
  const site = join(folder, 'www.sat.gob.mx');
  const there = existsSync(site) ? readdirSync(site, { recursive: true, withFileTypes: true }) : [];
  const strange = there
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((name) => !known.has(name));
  return [...files.flatMap((file) => faultOf(folder, file)), ...strange.map((name) => `${name} no está en la lista.`)];
}

function faultOf(folder: string, { path, sha256: wanted }: ManifestFile): string[] {
  const file = join(folder, path);
  if (!existsSync(file)) return [`Falta ${path}.`];
  return sha256(readFileSync(file)) === wanted ? [] : [`${path} no es el que se descargó.`];
}
