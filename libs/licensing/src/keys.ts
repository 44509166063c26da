import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { faultOfPoint, type PointFault } from './curve.ts';
import type { Sentence } from './refused.ts';

/** A public key of the vendor that the operator has put in. */
export interface TrustedKey {
  kid: string;
  /** The 32 bytes of RFC 8032. */
  raw: Buffer;
  key: KeyObject;
}

/** The keys that serve, by their `kid`. */
export type Keyring = ReadonlyMap<string, TrustedKey>;

/** What can be wrong with one of the keys of the setting. */
export type KeyFault = 'length' | 'digit' | 'duplicate' | PointFault;

/** A key of the setting that does not serve; the others do. */
export interface RefusedKey {
  /** Place in the setting, from 1. */
  position: number;
  /** Its first 8 digits, by which a person finds it. A public key is no secret. */
  start: string;
  fault: KeyFault;
  /** Why, in both languages. */
  why: Sentence;
}

const DIGITS = 64;

const WHY: Readonly<Record<KeyFault, Sentence>> = {
  length: { es: 'no tiene exactamente 64 dígitos', en: 'does not have exactly 64 digits' },
  digit: { es: 'tiene un signo que no es dígito hexadecimal', en: 'has a sign that is no hex digit' },
  duplicate: { es: 'repite una clave anterior', en: 'repeats a key before it' },
  'small order': {
    es: 'es un punto de orden pequeño: con ella cualquiera podría firmar',
    en: 'is a point of small order: anybody could sign under it',
  },
  'not canonical': { es: 'no está escrita en forma canónica', en: 'is not written canonically' },
  'not on the curve': { es: 'no es un punto de la curva', en: 'is no point of the curve' },
};

/** First 16 hex digits of the SHA-256 of the 32 bytes of a public key. */
export function kidOf(rawPublicKey: Uint8Array): string {
  return createHash('sha256').update(rawPublicKey).digest('hex').slice(0, 16);
}

/** The 32 bytes of the public half of an Ed25519 key. */
export function rawPublicKey(key: KeyObject): Buffer {
  const jwk = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  if (jwk.crv !== 'Ed25519' || jwk.x === undefined) throw new TypeError('An Ed25519 key is expected.');
  return Buffer.from(jwk.x, 'base64url');
}

/**
 * Reads LICENSE_PUBLIC_KEY_HEX: keys of exactly 64 hex digits, several separated by commas while keys rotate.
 * A key that cannot serve is named and left out; it never keeps the others from serving. Empty = no key at all.
 */
export function readKeys(setting: string): { keyring: Keyring; refused: RefusedKey[] } {
  const keyring = new Map<string, TrustedKey>();
  const refused: RefusedKey[] = [];
  const parts = setting.trim() === '' ? [] : setting.split(',').map((part) => part.trim());
  for (const [index, hex] of parts.entries()) {
    const fault = faultOf(hex, keyring);
    if (fault === null) {
      const trusted = trust(Buffer.from(hex, 'hex'));
      keyring.set(trusted.kid, trusted);
    } else {
      refused.push({ position: index + 1, start: hex.slice(0, 8), fault, why: WHY[fault] });
    }
  }
  return { keyring, refused };
}

function faultOf(hex: string, keyring: Keyring): KeyFault | null {
  if (!/^[0-9a-fA-F]*$/.test(hex)) return 'digit';
  if (hex.length !== DIGITS) return 'length';
  const raw = Buffer.from(hex, 'hex');
  if (keyring.has(kidOf(raw))) return 'duplicate';
  return faultOfPoint(raw);
}

function trust(raw: Buffer): TrustedKey {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') };
  return { kid: kidOf(raw), raw, key: createPublicKey({ key: jwk, format: 'jwk' }) };
}
