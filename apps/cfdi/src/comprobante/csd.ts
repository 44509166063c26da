import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';

/** A certificate as the tax authority issues them, read. */
export interface Certificado {
  /** 20 digits, NoCertificado in the XML. */
  readonly numero: string;
  readonly rfc: string;
  /** Name as registered, with the form of company. */
  readonly nombre: string;
  readonly validFrom: Date;
  readonly validTo: Date;
  /** True for a CSD, false for an e.firma or any other certificate. */
  readonly isCsd: boolean;
  /** Base64 of the DER bytes, Certificado in the XML. */
  readonly base64: string;
  readonly publicKey: KeyObject;
}

/** Why a certificate or key cannot be used for sealing. The sentence is Spanish and names the remedy. */
export class CsdRefused extends Error {
  override readonly name = 'CsdRefused';

  constructor(
    readonly reason: 'unreadable' | 'efirma' | 'expired' | 'not-yet-valid' | 'other-rfc' | 'password' | 'key',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** OID 2.5.29.15 (key usage), as it lies in the DER bytes of a certificate. */
const KEY_USAGE = Buffer.from([0x06, 0x03, 0x55, 0x1d, 0x0f]);
/** BIT STRING of one octet, 6 bits unused: digital signature and non repudiation, nothing else. */
const SEALS_ONLY = Buffer.from([0x03, 0x02, 0x06, 0xc0]);
const CRITICAL = Buffer.from([0x01, 0x01, 0xff]);

/**
 * Reads a certificate file (DER).
 * @throws CsdRefused when it is no certificate of the tax authority's form
 */
export function readCertificado(der: Uint8Array): Certificado {
  const bytes = Buffer.from(der);
  const x509 = parsed(bytes);
  const numero = Buffer.from(x509.serialNumber, 'hex').toString('latin1');
  const rfc = subjectField(x509, 'x500UniqueIdentifier').split('/')[0]?.trim() ?? '';
  if (!/^[0-9]{20}$/.test(numero) || rfc === '') {
    throw new CsdRefused('unreadable', 'El archivo no es un certificado emitido por el SAT.');
  }
  return {
    numero,
    rfc,
    nombre: subjectField(x509, 'name') || subjectField(x509, 'CN'),
    validFrom: x509.validFromDate,
    validTo: x509.validToDate,
    isCsd: sealsOnly(bytes) && subjectField(x509, 'OU') !== '',
    base64: bytes.toString('base64'),
    publicKey: x509.publicKey,
  };
}

function parsed(der: Buffer): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (error) {
    throw new CsdRefused('unreadable', 'El archivo .cer no es un certificado.', { cause: error });
  }
}

function subjectField(x509: X509Certificate, name: string): string {
  const line = x509.subject.split('\n').find((one) => one.startsWith(`${name}=`));
  return line?.slice(name.length + 1).replace(/\\(.)/g, '$1') ?? '';
}

/** An e.firma may also encrypt and agree on keys; a CSD may only sign. */
function sealsOnly(der: Buffer): boolean {
  const at = der.indexOf(KEY_USAGE);
  if (at < 0) return false;
  let value = der.subarray(at + KEY_USAGE.length);
  if (value.subarray(0, 3).equals(CRITICAL)) value = value.subarray(3);
  return value[0] === 0x04 && value[1] === SEALS_ONLY.length && value.subarray(2, 6).equals(SEALS_ONLY);
}

/**
 * Opens a private key of the tax authority (PKCS#8 DER, encrypted).
 * @throws CsdRefused when the password is wrong or the file is no such key; the password is never part of the message
 */
export function openKey(der: Uint8Array, password: string): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8', passphrase: password });
  } catch {
    // A wrong password shows as one error or another, by chance; the form of the file tells for certain.
    if (isEncryptedKey(der)) throw new CsdRefused('password', 'La contraseña de la llave privada no es correcta.');
    throw new CsdRefused('key', 'El archivo .key no es una llave privada del SAT.');
  }
}

/** OID arc of password-based encryption (PKCS #5), right at the start of an encrypted PKCS #8 key. */
const PKCS5 = Buffer.from([0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05]);

function isEncryptedKey(der: Uint8Array): boolean {
  return Buffer.from(der.subarray(0, 40)).includes(PKCS5);
}

/**
 * Whether the certificate may seal for this issuer at this time.
 * @throws CsdRefused with the first reason why not
 */
export function assertSeals(certificado: Certificado, rfc: string, at: Date): void {
  if (!certificado.isCsd) {
    const sentence = 'El certificado es una e.firma. Use el certificado de sello digital (CSD).';
    throw new CsdRefused('efirma', sentence);
  }
  if (certificado.rfc !== rfc) throw new CsdRefused('other-rfc', 'El CSD es de otro RFC que el emisor.');
  if (at < certificado.validFrom) throw new CsdRefused('not-yet-valid', 'El CSD todavía no es válido.');
  if (at > certificado.validTo) throw new CsdRefused('expired', 'El CSD ya venció. Instale uno vigente.');
}

/** @throws CsdRefused when the private key does not belong to the certificate */
export function assertFits(certificado: Certificado, key: KeyObject): void {
  const own = certificado.publicKey.export({ format: 'der', type: 'spki' });
  if (own.equals(createPublicKey(key).export({ format: 'der', type: 'spki' }))) return;
  throw new CsdRefused('key', 'La llave privada no corresponde al certificado.');
}
