import 'reflect-metadata';
import { createPrivateKey, randomInt, webcrypto, type KeyObject } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  X509CertificateGenerator,
  type Extension,
  type JsonNameParams,
} from '@peculiar/x509';

const algorithm = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};

/** What a certificate may be used for; it decides how a PAC tells a CSD from an e.firma. */
export type Purpose = 'authority' | 'csd' | 'efirma';

/** A certificate to be made. */
export interface Order {
  readonly purpose: Purpose;
  /** 20 digits: the certificate number that a comprobante carries. */
  readonly number: string;
  readonly subject: JsonNameParams;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Who signs: name and key of the authority; absent for the authority's own certificate. */
export interface Signer {
  readonly subject: JsonNameParams;
  readonly key: KeyObject;
}

/** A certificate in DER and its private key. */
export interface Issued {
  readonly number: string;
  readonly cer: Buffer;
  readonly key: KeyObject;
}

/** A fresh certificate number in the test authority's range: 20 digits, never one of the published test certificates. */
export function newCertificateNumber(): string {
  return `300010000009${String(randomInt(100_000_000)).padStart(8, '0')}`;
}

function extensionsOf(purpose: Purpose): Extension[] {
  const { digitalSignature, nonRepudiation, dataEncipherment, keyAgreement, keyCertSign, cRLSign } = KeyUsageFlags;
  switch (purpose) {
    case 'authority':
      return [new BasicConstraintsExtension(true, 0, true), new KeyUsagesExtension(keyCertSign | cRLSign, true)];
    case 'csd':
      return [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(digitalSignature | nonRepudiation),
      ];
    case 'efirma':
      return [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(digitalSignature | nonRepudiation | dataEncipherment | keyAgreement),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.emailProtection, ExtendedKeyUsage.clientAuth]),
      ];
  }
}

async function importSigner(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
}

/**
 * Makes a key pair and its certificate. The number stands in the serial as ASCII digits, as the tax authority does.
 * Without a signer the certificate signs itself.
 */
export async function issue(order: Order, signer?: Signer): Promise<Issued> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: Buffer.from(order.number, 'ascii').toString('hex'),
    subject: new Name(order.subject),
    issuer: new Name(signer?.subject ?? order.subject),
    notBefore: order.notBefore,
    notAfter: order.notAfter,
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: signer === undefined ? keys.privateKey : await importSigner(signer.key),
    extensions: extensionsOf(order.purpose),
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  return {
    number: order.number,
    cer: Buffer.from(certificate.rawData),
    key: createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }),
  };
}

/** The key as the tax authority hands it out: PKCS#8 DER, encrypted by PBES2 with triple DES under a password. */
export function encryptedKey(key: KeyObject, password: string): Buffer {
  return key.export({ type: 'pkcs8', format: 'der', cipher: 'des-ede3-cbc', passphrase: password });
}
