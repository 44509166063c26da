import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolderOnce } from '@nexora/sandbox-kit';
import type { Signer } from './certificates.ts';

const day = 86_400_000;

/** RFC in the stamping certificate and in every timbre: the one that the tax authority's own test PAC certificate bears. */
export const pacRfc = 'SPR190613I52';

/** Certificates that the sandbox PAC works with; all in DER. */
export interface Authority {
  readonly folder: string;
  /** What the sandbox trusts: whoever it issued may seal. */
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
  /** What verifies the `SelloSAT` of a timbre. */
  readonly stamping: { readonly certificate: X509Certificate; readonly key: KeyObject; readonly number: string };
}

/** Files of the authority's folder, for those who only need the public parts. */
export const authorityFiles = { authority: 'ca.cer', stamping: 'pac.cer' } as const;

/** Period of validity of `years`, a quarter of it before `now`: clocks of tests are moved both ways. */
export function validityAround(now: Date, years: number): { notBefore: Date; notAfter: Date } {
  const span = years * 365.25 * day;
  return { notBefore: new Date(now.getTime() - span / 4), notAfter: new Date(now.getTime() + (span * 3) / 4) };
}

async function makeAuthority(): Promise<{ name: string; bytes: Buffer; secret?: boolean }[]> {
  const { issue, newCertificateNumber } = await import('./certificates.ts');
  const { authorityName, subjectOf } = await import('./names.ts');
  const now = new Date();
  const ca = await issue({
    purpose: 'authority',
    number: newCertificateNumber(),
    subject: authorityName,
    ...validityAround(now, 40),
  });
  const pac = await issue(
    {
      purpose: 'csd',
      number: newCertificateNumber(),
      subject: subjectOf({
        rfc: pacRfc,
        nombre: 'PAC DE PRUEBAS',
        curp: 'XEXX010101HNEXXXA4',
        branch: 'Timbrado de pruebas',
      }),
      ...validityAround(now, 40),
    },
    { subject: authorityName, key: ca.key },
  );
  return [
    { name: authorityFiles.authority, bytes: ca.cer },
    { name: 'ca.key', bytes: ca.key.export({ type: 'pkcs8', format: 'der' }), secret: true },
    { name: authorityFiles.stamping, bytes: pac.cer },
    { name: 'pac.key', bytes: pac.key.export({ type: 'pkcs8', format: 'der' }), secret: true },
  ];
}

async function readKey(path: string): Promise<KeyObject> {
  return createPrivateKey({ key: await readFile(path), format: 'der', type: 'pkcs8' });
}

/** The 20 digits that a certificate's serial spells in ASCII. */
function numberOf(certificate: X509Certificate): string {
  return Buffer.from(certificate.serialNumber, 'hex').toString('latin1');
}

/** Opens the sandbox's authority under `<dir>/ca`, made at the first call and kept ever after. */
export async function openAuthority(dir: string): Promise<Authority> {
  const folder = join(dir, 'ca');
  await makeFolderOnce(folder, makeAuthority);
  const certificate = new X509Certificate(await readFile(join(folder, authorityFiles.authority)));
  const stamping = new X509Certificate(await readFile(join(folder, authorityFiles.stamping)));
  return {
    folder,
    certificate,
    key: await readKey(join(folder, 'ca.key')),
    stamping: { certificate: stamping, key: await readKey(join(folder, 'pac.key')), number: numberOf(stamping) },
  };
}

/** Name and key with which the authority signs a certificate. */
export async function signerOf(authority: Authority): Promise<Signer> {
  const { authorityName } = await import('./names.ts');
  return { subject: authorityName, key: authority.key };
}
