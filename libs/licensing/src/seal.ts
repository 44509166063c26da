import { createHash, sign, verify, type KeyObject } from 'node:crypto';
import {
  assertSize,
  bytesOfBase64,
  MAX_BYTES,
  PREFIX,
  readEnvelope,
  type DocumentType,
  type Envelope,
} from './envelope.ts';
import { kidOf, rawPublicKey, type Keyring, type TrustedKey } from './keys.ts';
import { Refused } from './refused.ts';

/** Bytes that a key of the vendor has signed. */
export interface Opened {
  payload: Buffer;
  envelope: Envelope;
  kid: string;
  /** Hex SHA-256 of the payload: two documents are the same when this is. */
  sha256: string;
}

/** Signs a document as the vendor does. Dates become ISO 8601 in UTC. */
export function seal(type: DocumentType, payload: object, privateKey: KeyObject): Envelope {
  const bytes = Buffer.from(JSON.stringify(payload));
  const signature = sign(null, signedBytes(type, bytes), privateKey);
  return {
    payload: bytes.toString('base64'),
    signature: signature.toString('base64'),
    kid: kidOf(rawPublicKey(privateKey)),
  };
}

/**
 * Verifies an envelope as a document of one type, under the key that it names.
 *
 * @throws {Refused} `no key`, `unknown key`, `bad signature`
 */
export function unseal(type: DocumentType, envelope: Envelope, keyring: Keyring): Opened {
  const trusted = keyFor(envelope, keyring);
  const opened = opening(envelope);
  if (isSignedAs(type, opened, trusted)) return opened;
  throw badSignature();
}

/**
 * Reads a file that a person brought and tells what it is by the prefix under which its signature verifies.
 *
 * @throws {Refused} `too large`, `unreadable`, `no key`, `unknown key`, `bad signature`
 */
export function identify(text: string | Uint8Array, keyring: Keyring): { type: DocumentType; envelope: Envelope } {
  const envelope = readEnvelope(text, MAX_BYTES.crl);
  const trusted = keyFor(envelope, keyring);
  const opened = opening(envelope);
  for (const type of ['license', 'reply', 'crl'] as const) {
    if (!isSignedAs(type, opened, trusted)) continue;
    assertSize(Buffer.byteLength(text), MAX_BYTES[type]);
    return { type, envelope };
  }
  throw badSignature();
}

function keyFor(envelope: Envelope, keyring: Keyring): TrustedKey {
  if (keyring.size === 0) {
    throw new Refused('no key', {
      es: 'No hay ninguna clave pública que sirva en LICENSE_PUBLIC_KEY_HEX: no se puede comprobar la firma.',
      en: 'LICENSE_PUBLIC_KEY_HEX holds no key that serves: the signature cannot be checked.',
    });
  }
  const trusted = keyring.get(envelope.kid);
  if (trusted) return trusted;
  throw new Refused('unknown key', {
    es: `Está firmado con una clave que este equipo no conoce (${envelope.kid}).`,
    en: `It is signed with a key that this house does not know (${envelope.kid}).`,
  });
}

function opening(envelope: Envelope): Opened {
  const payload = bytesOfBase64(envelope.payload) ?? Buffer.alloc(0);
  return { payload, envelope, kid: envelope.kid, sha256: createHash('sha256').update(payload).digest('hex') };
}

function isSignedAs(type: DocumentType, opened: Opened, trusted: TrustedKey): boolean {
  const signature = bytesOfBase64(opened.envelope.signature) ?? Buffer.alloc(0);
  return verify(null, signedBytes(type, opened.payload), trusted.key, signature);
}

function signedBytes(type: DocumentType, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(PREFIX[type]), payload]);
}

function badSignature(): Refused {
  return new Refused('bad signature', {
    es: 'La firma no corresponde al contenido: el archivo fue alterado o es de otra clase.',
    en: 'The signature does not fit the content: the file was changed, or it is of another kind.',
  });
}
