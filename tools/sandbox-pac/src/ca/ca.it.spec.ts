import { createPrivateKey, X509Certificate } from 'node:crypto';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWhen } from '@nexora/testing';
import { readCertificate } from '../pac/certificate.ts';
import { openAuthority } from './authority.ts';
import { makeDemoIssuer, makeTestCertificates, type DemoIssuer, type TestCertificates } from './issuers.ts';

const year = 365.25 * 86_400_000;
const opensslInstalled = { met: spawnSync('openssl', ['version']).status === 0, otherwise: 'openssl is not installed' };

let dir: string;
let demo: DemoIssuer;
let others: TestCertificates;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sandbox-pac-ca-'));
  demo = await makeDemoIssuer(dir);
  others = await makeTestCertificates(dir);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const readOf = (issuer: DemoIssuer) => readCertificate(readFileSync(issuer.cer).toString('base64'));

describe('certificates of the sandbox authority', () => {
  it('make a CSD in the form of the tax authority', () => {
    const certificate = readOf(demo);
    expect(certificate).toMatchObject({ rfc: 'EKU9003173C9', isCsd: true });
    expect(certificate.number).toMatch(/^30001\d{15}$/);
    expect(certificate.x509.subject.split('\n')).toEqual([
      'CN=ESCUELA KEMPER URGATE SA DE CV',
      'name=ESCUELA KEMPER URGATE SA DE CV',
      'O=ESCUELA KEMPER URGATE SA DE CV',
      'x500UniqueIdentifier=EKU9003173C9 / VADA800927DJ3',
      'serialNumber=\\ / VADA800927HSRSRL05',
      'OU=Sucursal 1',
    ]);
  });

  it('are valid for four years around now', () => {
    const { notBefore, notAfter } = readOf(demo);
    expect((notAfter.getTime() - notBefore.getTime()) / year).toBeCloseTo(4, 3);
    expect(notBefore.getTime()).toBeLessThan(Date.now() - 0.9 * year);
    expect(notAfter.getTime()).toBeGreaterThan(Date.now() + 2.9 * year);
  });

  it('come with a key that only the password in the private file opens', () => {
    const key = { key: readFileSync(demo.key), format: 'der', type: 'pkcs8' } as const;
    const passphrase = readFileSync(demo.passwordFile, 'utf8');
    expect(new X509Certificate(readFileSync(demo.cer)).checkPrivateKey(createPrivateKey({ ...key, passphrase }))).toBe(
      true,
    );
    expect(() => createPrivateKey({ ...key, passphrase: 'another' })).toThrow();
    expect([demo.key, demo.passwordFile].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600]);
  });

  it('are kept by a second call, and by two calls at once', async () => {
    const before = readFileSync(demo.cer);
    expect(await makeDemoIssuer(dir)).toEqual(demo);
    expect(readFileSync(demo.cer)).toEqual(before);
    const fresh = join(dir, 'fresh');
    const [one, two] = await Promise.all([makeDemoIssuer(fresh), makeDemoIssuer(fresh)]);
    expect(readFileSync(one.cer)).toEqual(readFileSync(two.cer));
    const authority = await openAuthority(fresh);
    expect(new X509Certificate(readFileSync(one.cer)).verify(authority.certificate.publicKey)).toBe(true);
  });

  it('say which folder to remove when a kept CSD is of another authority', async () => {
    const moved = join(dir, 'moved');
    const issuer = await makeDemoIssuer(moved);
    rmSync(join(moved, 'ca'), { recursive: true });
    await expect(makeDemoIssuer(moved)).rejects.toThrow(issuer.cer);
  });

  it('include those that a PAC must refuse', () => {
    expect(readOf(others.efirma)).toMatchObject({ rfc: 'EKU9003173C9', isCsd: false });
    expect(readOf(others.expired).notAfter.getTime()).toBeLessThan(Date.now());
    expect(readOf(others.notYetValid).notBefore.getTime()).toBeGreaterThan(Date.now());
    expect(readOf(others.otherRfc)).toMatchObject({ rfc: 'CACX7605101P8', isCsd: true });
    expect(readOf(others.foreign)).toMatchObject({ rfc: 'EKU9003173C9', isCsd: true });
  });
});

describeWhen(opensslInstalled)('openssl', () => {
  const openssl = (...args: string[]): string => execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' });

  it('verifies the chain of the demonstration CSD', () => {
    const authority = join(dir, 'ca.pem');
    const csd = join(dir, 'csd.pem');
    writeFileSync(authority, openssl('x509', '-inform', 'DER', '-in', join(dir, 'ca', 'ca.cer')));
    writeFileSync(csd, openssl('x509', '-inform', 'DER', '-in', demo.cer));
    expect(openssl('verify', '-CAfile', authority, csd)).toContain('OK');
  });

  it('tells a CSD by its key usage and reads the RFC', () => {
    const text = openssl('x509', '-inform', 'DER', '-in', demo.cer, '-noout', '-text');
    expect(text).toMatch(/Key Usage: \n\s+Digital Signature, Non Repudiation\n/);
    expect(text).toMatch(/x500UniqueIdentifier ?= ?EKU9003173C9 \/ VADA800927DJ3/);
    const efirma = openssl('x509', '-inform', 'DER', '-in', others.efirma.cer, '-noout', '-text');
    expect(efirma).toContain('Digital Signature, Non Repudiation, Data Encipherment, Key Agreement');
  });

  it('opens the key with the password', () => {
    const args = ['-inform', 'DER', '-in', demo.key, '-passin', `file:${demo.passwordFile}`];
    expect(openssl('pkey', ...args, '-noout', '-check')).toContain('Key is valid');
  });
});
