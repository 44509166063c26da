import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

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
