import { createHash, createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

/** An envelope as this file writes it. */
export interface Sealed {
  readonly payload: string;
  readonly signature: string;
  readonly kid: string;
}

/** What stands before the payload when it is signed; written down from the specification, not imported. */
const PREFIXES = { license: 'nexora-license-v1\n', crl: 'nexora-crl-v1\n', reply: 'nexora-reply-v1\n' } as const;

/**
 * A vendor that shares no line with the house: node:crypto and the specification only, so that an error which signer
 * and verifier of the house have in common is seen.
 */
export class OwnVendor {
  readonly #key: KeyObject;
  /** LICENSE_PUBLIC_KEY_HEX that trusts it. */
  readonly hex: string;
  readonly kid: string;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    this.#key = privateKey;
    this.hex = raw.toString('hex');
    this.kid = createHash('sha256').update(raw).digest('hex').slice(0, 16);
  }

  license(fields: object): Sealed {
    return this.seal('license', fields);
  }

  crl(fields: object): Sealed {
    return this.seal('crl', fields);
  }

  reply(fields: object): Sealed {
    return this.seal('reply', fields);
  }

  /** Signs any text as a document of one type. */
  seal(type: keyof typeof PREFIXES, payload: object | string): Sealed {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    const signature = sign(null, Buffer.from(PREFIXES[type] + text), this.#key);
    return {
      payload: Buffer.from(text).toString('base64'),
      signature: signature.toString('base64'),
      kid: this.kid,
    };
  }
}

/** What a licence is bound by, as the specification says it: HMAC-SHA256 keyed with each fact. */
export function boundBy(machineId: string, serial: string, installation: string): [string, string, string] {
  const digest = (fact: string, name: string): string =>
    createHmac('sha256', fact).update(`nexora-binding-v1\n${name}`).digest('hex');
  return [digest(machineId, 'machine-id'), digest(serial, 'serial'), digest(installation, 'installation')];
}

/** First 16 hex digits of the SHA-256 of a raw public key. */
export function kidOfHex(hex: string): string {
  return createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex').slice(0, 16);
}

/** A small generator (mulberry32): the same seed, the same numbers from 0 to 1. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
