import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';

/*
 * An envelope for a CSD's private key: X25519 with a key made for this one message, HKDF-SHA-256, AES-256-GCM. Whoever
 * has the address (a public key) can close one; only the CFDI agent, which has the key of the keys, can open it.
 */
const POINT_BYTES = 32;
const TAG_BYTES = 16;
/** One key encrypts one message, so the nonce need not differ. */
const NONCE = Buffer.alloc(12);
/** What precedes 32 raw bytes in the DER of an X25519 key (RFC 8410). */
const PRIVATE_DER = Buffer.from('302e020100300506032b656e04220420', 'hex');
const PUBLIC_DER = Buffer.from('302a300506032b656e032100', 'hex');

/** The envelope was closed for another key, says it is somebody else's, or was changed. */
export class SobreCerrado extends Error {
  override readonly name = 'SobreCerrado';
}

/** Whose secret a CSD's private key is: what locks it away and what opens it say the same. */
export function labelDelCsd(rfc: string, numero: string): string {
  return `csd ${rfc} ${numero}`;
}

/** The private key to which envelopes are addressed, derived from the agent's key of the keys (32 bytes). */
export function buzonDe(keyOfKeys: Uint8Array): KeyObject {
  const raw = Buffer.from(hkdfSync('sha256', keyOfKeys, Buffer.alloc(0), 'nexora csd buzon', POINT_BYTES));
  return createPrivateKey({ key: Buffer.concat([PRIVATE_DER, raw]), format: 'der', type: 'pkcs8' });
}

/** The public half, 32 bytes: may be read by anybody. */
export function direccionDe(buzon: KeyObject): Buffer {
  return pointOf(createPublicKey(buzon));
}

/** Closes an envelope. @param label says whose secret it is; only the same label opens it */
export function cierraSobre(direccion: Uint8Array, secret: Uint8Array, label: string): Buffer {
  const once = generateKeyPairSync('x25519');
  const shared = diffieHellman({ privateKey: once.privateKey, publicKey: publicKeyOf(direccion) });
  const from = pointOf(once.publicKey);
  const cipher = createCipheriv('aes-256-gcm', keyFor(shared, from, direccion), NONCE).setAAD(Buffer.from(label));
  const closed = Buffer.concat([cipher.update(secret), cipher.final()]);
  return Buffer.concat([from, closed, cipher.getAuthTag()]);
}

/** Opens an envelope. @throws SobreCerrado */
export function abreSobre(buzon: KeyObject, sobre: Uint8Array, label: string): Buffer {
  try {
    const from = sobre.subarray(0, POINT_BYTES);
    const shared = diffieHellman({ privateKey: buzon, publicKey: publicKeyOf(from) });
    const key = keyFor(shared, from, direccionDe(buzon));
    const decipher = createDecipheriv('aes-256-gcm', key, NONCE).setAAD(Buffer.from(label));
    decipher.setAuthTag(sobre.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(sobre.subarray(POINT_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch (error) {
    throw new SobreCerrado('The envelope is not addressed to this key, or was changed.', { cause: error });
  }
}

function publicKeyOf(point: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([PUBLIC_DER, point]), format: 'der', type: 'spki' });
}

function pointOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(-POINT_BYTES);
}

function keyFor(shared: Buffer, from: Uint8Array, to: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', shared, Buffer.concat([from, to]), 'nexora csd sobre', 32));
}
