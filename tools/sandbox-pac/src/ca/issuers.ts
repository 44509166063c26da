import { randomBytes, X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FolderFile, makeFolderOnce } from '@nexora/sandbox-kit';
import { openAuthority, signerOf, validityAround, type Authority } from './authority.ts';
import type { Purpose } from './certificates.ts';
import type { Holder } from './names.ts';

/** A taxpayer with a certificate, as files; what a comprobante of that taxpayer needs stands beside. */
export interface DemoIssuer {
  readonly rfc: string;
  /** Name as a comprobante writes it: without corporate form. */
  readonly nombre: string;
  readonly regimen: string;
  readonly cp: string;
  /** Paths: certificate (DER), encrypted key (PKCS#8 DER), password (mode 0600, no line end). */
  readonly cer: string;
  readonly key: string;
  readonly passwordFile: string;
}

/** Certificates that a PAC must refuse, and one of another taxpayer that it must accept for that taxpayer only. */
export interface TestCertificates {
  readonly efirma: DemoIssuer;
  readonly expired: DemoIssuer;
  readonly notYetValid: DemoIssuer;
  readonly otherRfc: DemoIssuer;
  /** In the right form, but signed by an authority that the sandbox does not know. */
  readonly foreign: DemoIssuer;
}

interface Taxpayer {
  readonly holder: Holder;
  readonly nombre: string;
  readonly regimen: string;
  readonly cp: string;
}

const kemper: Taxpayer = {
  nombre: 'ESCUELA KEMPER URGATE',
  regimen: '601',
  cp: '42501',
  holder: {
    rfc: 'EKU9003173C9',
    nombre: 'ESCUELA KEMPER URGATE SA DE CV',
    curp: '',
    representative: { rfc: 'VADA800927DJ3', curp: 'VADA800927HSRSRL05' },
    branch: 'Sucursal 1',
  },
};

const xochilt: Taxpayer = {
  nombre: 'XOCHILT CASAS CHAVEZ',
  regimen: '612',
  cp: '36257',
  holder: { rfc: 'CACX7605101P8', nombre: 'XOCHILT CASAS CHAVEZ', curp: 'CACX760510MGTSHC04', branch: 'Sucursal 1' },
};

interface Recipe {
  readonly folder: string;
  readonly taxpayer: Taxpayer;
  readonly purpose: Purpose;
  readonly validity: { notBefore: Date; notAfter: Date };
}

async function filesOf(recipe: Recipe, authority: Authority): Promise<FolderFile[]> {
  const { encryptedKey, issue, newCertificateNumber } = await import('./certificates.ts');
  const { subjectOf } = await import('./names.ts');
  const password = randomBytes(12).toString('base64url');
  const subject = subjectOf(recipe.taxpayer.holder);
  const order = { purpose: recipe.purpose, number: newCertificateNumber(), subject, ...recipe.validity };
  const made = await issue(order, await signerOf(authority));
  return [
    { name: 'certificate.cer', bytes: made.cer },
    { name: 'private.key', bytes: encryptedKey(made.key, password), secret: true },
    { name: 'password.txt', bytes: password, secret: true },
  ];
}

async function makeIssuer(dir: string, recipe: Recipe, authority: Authority): Promise<DemoIssuer> {
  const parent = join(dir, 'issuers');
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const folder = join(parent, recipe.folder);
  await makeFolderOnce(folder, () => filesOf(recipe, authority));
  const { holder, nombre, regimen, cp } = recipe.taxpayer;
  const file = (name: string): string => join(folder, name);
  return {
    rfc: holder.rfc,
    nombre,
    regimen,
    cp,
    cer: file('certificate.cer'),
    key: file('private.key'),
    passwordFile: file('password.txt'),
  };
}

/** Thrown when a kept certificate no longer fits the sandbox's authority. */
export class IssuerUnusable extends Error {
  constructor(path: string) {
    super(`${path} was issued by another authority than the sandbox's: remove its folder, and it is made anew`);
    this.name = 'IssuerUnusable';
  }
}

/**
 * The demonstration issuer with a CSD that the sandbox PAC of the same `dir` trusts, valid for four years around now.
 * A second call answers what the first one made. Errors: IssuerUnusable.
 */
export async function makeDemoIssuer(dir: string): Promise<DemoIssuer> {
  const authority = await openAuthority(dir);
  const validity = validityAround(new Date(), 4);
  const issuer = await makeIssuer(
    dir,
    { folder: kemper.holder.rfc, taxpayer: kemper, purpose: 'csd', validity },
    authority,
  );
  const certificate = new X509Certificate(await readFile(issuer.cer));
  if (!certificate.verify(authority.certificate.publicKey)) throw new IssuerUnusable(issuer.cer);
  return issuer;
}

/** Certificates for tests of refusals, kept under `dir` like the demonstration issuer. */
export async function makeTestCertificates(dir: string): Promise<TestCertificates> {
  const authority = await openAuthority(dir);
  const now = Date.now();
  const valid = validityAround(new Date(now), 4);
  const year = 365 * 86_400_000;
  const past = { notBefore: new Date(now - 5 * year), notAfter: new Date(now - year) };
  const future = { notBefore: new Date(now + year), notAfter: new Date(now + 5 * year) };
  const { branch: _branch, ...personal } = kemper.holder;
  const holderOfEfirma: Taxpayer = { ...kemper, holder: { ...personal, email: 'pruebas@example.mx' } };
  const make = (
    folder: string,
    taxpayer: Taxpayer,
    purpose: Purpose,
    validity: Recipe['validity'],
  ): Promise<DemoIssuer> => makeIssuer(dir, { folder, taxpayer, purpose, validity }, authority);
  return {
    efirma: await make('efirma', holderOfEfirma, 'efirma', valid),
    expired: await make('expired', kemper, 'csd', past),
    notYetValid: await make('not-yet-valid', kemper, 'csd', future),
    otherRfc: await make(xochilt.holder.rfc, xochilt, 'csd', valid),
    foreign: await makeDemoIssuer(join(dir, 'foreign')),
  };
}
