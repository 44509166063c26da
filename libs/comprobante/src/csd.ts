import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { formaDe, isCut, isEncryptedKey, isEndless, NO_ES_CERTIFICADO, NO_ES_LLAVE } from './csd-archivos.ts';

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

/** Which of the ways in which a certificate or key cannot be used. */
export type CsdFault = 'unreadable' | 'efirma' | 'expired' | 'not-yet-valid' | 'other-rfc' | 'password' | 'key';

/** Why a certificate or key cannot be used for sealing. The sentence is Spanish and names the remedy. */
export class CsdRefused extends Error {
  override readonly name = 'CsdRefused';
  readonly reason: CsdFault;

  constructor(reason: CsdFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
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
    throw new CsdRefused(
      'unreadable',
      'El archivo .cer no es un certificado emitido por el SAT. Use el CSD que descargó de CertiSAT Web.',
    );
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
  const forma = formaDe(der);
  // Node reads PEM too, but in the XML stands the base64 of the DER bytes.
  if (forma !== 'der') throw new CsdRefused('unreadable', NO_ES_CERTIFICADO[forma]);
  try {
    return new X509Certificate(der);
  } catch (error) {
    throw new CsdRefused('unreadable', NO_ES_CERTIFICADO.der, { cause: error });
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

const LLAVE_INCOMPLETA =
  'El archivo .key está incompleto: termina antes de tiempo. Cópielo otra vez del original que generó Certifica.';
const LLAVE_SIN_CONTRASENA =
  'La llave privada no lleva contraseña: no es la que generó Certifica, sino una copia descifrada. Use el .key original.';

/**
 * Opens a private key of the tax authority (PKCS#8 DER, encrypted).
 * @throws CsdRefused when the password is wrong or the file is no such key; the password is never part of the message
 */
export function openKey(der: Uint8Array, password: string): KeyObject {
  if (isEndless(der)) throw new CsdRefused('key', NO_ES_LLAVE.llave);
  if (isEncryptedKey(der) && isCut(der)) throw new CsdRefused('key', LLAVE_INCOMPLETA);
  const key = opened(der, password);
  // In the clear it would open with any password, so the one given would be checked by nobody.
  if (!isEncryptedKey(der)) throw new CsdRefused('key', LLAVE_SIN_CONTRASENA);
  return key;
}

function opened(der: Uint8Array, password: string): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8', passphrase: password });
  } catch {
    // A wrong password shows as one error or another, by chance; the form of the file tells for certain.
    if (!isEncryptedKey(der)) throw new CsdRefused('key', NO_ES_LLAVE[formaDe(der)]);
    throw new CsdRefused(
      'password',
      'La contraseña de la llave privada no es correcta. Escriba la que eligió al generar el CSD; mayúsculas y espacios cuentan.',
    );
  }
}

/**
 * Whether the certificate may seal for this issuer at this time.
 * @throws CsdRefused with the first reason why not
 */
export function assertSeals(certificado: Certificado, rfc: string, at: Date): void {
  const { validFrom, validTo } = certificado;
  if (!certificado.isCsd) {
    throw new CsdRefused(
      'efirma',
      'El certificado es una e.firma y con ella no se puede facturar. Use el certificado de sello digital (CSD); se tramita en CertiSAT Web.',
    );
  }
  if (certificado.rfc !== rfc) {
    const sentence = `El CSD es de otro RFC que el emisor (${rfc}). Elija el CSD de ese emisor.`;
    throw new CsdRefused('other-rfc', sentence);
  }
  if (at < validFrom) {
    const sentence = `El CSD todavía no es válido: empieza el ${day(validFrom)}. Revise la fecha del equipo, o espere a ese día.`;
    throw new CsdRefused('not-yet-valid', sentence);
  }
  if (at > validTo) {
    const sentence = `El CSD ya venció el ${day(validTo)}. Tramite uno nuevo en CertiSAT Web e instálelo.`;
    throw new CsdRefused('expired', sentence);
  }
}

function day(at: Date): string {
  return at.toISOString().slice(0, 10);
}

/** @throws CsdRefused when the private key does not belong to the certificate */
export function assertFits(certificado: Certificado, key: KeyObject): void {
  const own = certificado.publicKey.export({ format: 'der', type: 'spki' });
  if (own.equals(createPublicKey(key).export({ format: 'der', type: 'spki' }))) return;
  throw new CsdRefused(
    'key',
    'La llave privada no corresponde al certificado. Use el .cer y el .key del mismo trámite.',
  );
}
