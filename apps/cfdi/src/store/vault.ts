import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto';
import { abreSobre, buzonDe, direccionDe, SobreCerrado } from '@nexora/comprobante';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CLOSED = 'CFDI_KEY_ENCRYPTION_KEY is not the key with which the private keys were stored.';

/** The key of the keys is another than the one with which this secret was locked away, or the bytes were changed. */
export class VaultClosed extends Error {
  override readonly name = 'VaultClosed';
}

/** Keeps secrets at rest: AES-256-GCM, bound to what they belong to. */
export class Vault {
  readonly #key: Buffer;
  readonly #buzon: KeyObject;

  /** @param key 32 bytes */
  constructor(key: Buffer) {
    this.#key = key;
    this.#buzon = buzonDe(key);
  }

  /** Where others address envelopes that only this vault opens: 32 bytes, no secret. */
  get direccion(): Buffer {
    return direccionDe(this.#buzon);
  }

  /** Opens an envelope that another room closed. @throws VaultClosed */
  openSobre(sobre: Buffer, label: string): Buffer {
    try {
      return abreSobre(this.#buzon, sobre, label);
    } catch (error) {
      if (error instanceof SobreCerrado) throw new VaultClosed(CLOSED);
      throw error;
    }
  }

  /** Locks a secret away. `label` says whose it is; only the same label opens it. */
  lock(secret: Buffer, label: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(label));
    const locked = Buffer.concat([cipher.update(secret), cipher.final()]);
    return Buffer.concat([nonce, locked, cipher.getAuthTag()]);
  }

  /** @throws VaultClosed */
  open(locked: Buffer, label: string): Buffer {
    try {
      const nonce = locked.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(label));
      decipher.setAuthTag(locked.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(locked.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch {
      throw new VaultClosed(CLOSED);
    }
  }
}
