import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SealingCertificate } from './certificate.ts';

/** Whose certificates the sandbox takes for issued by the authority. */
export interface Trust {
  issued(certificate: SealingCertificate): boolean;
}

async function fingerprintsUnder(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.cer'));
  const files = await Promise.all(names.map((name) => readFile(join(folder, name))));
  return files.map((bytes) => new X509Certificate(bytes).fingerprint256);
}

/**
 * Trusts what the sandbox's own authority signed and, where `resources` holds them under `csd/`, the tax authority's
 * published test certificates, each by its fingerprint: their authority's own certificate is not among them.
 */
export async function trustOf(authority: X509Certificate, resources: string | undefined): Promise<Trust> {
  const published = new Set(resources === undefined ? [] : await fingerprintsUnder(join(resources, 'csd')));
  return {
    issued: ({ x509 }) =>
      published.has(x509.fingerprint256) || (x509.checkIssued(authority) && x509.verify(authority.publicKey)),
  };
}
