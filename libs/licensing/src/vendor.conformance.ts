import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  openCrl,
  openLicense,
  openReply,
  type Binding,
  type Crl,
  type License,
  type Reply,
  type Verified,
} from './documents.ts';
import type { DocumentType, Envelope } from './envelope.ts';
import { rawPublicKey, readKeys, type Keyring } from './keys.ts';
import { seal } from './seal.ts';

const DAY = 86_400_000;

/** When the documents of the tests are issued. */
export const NOW = new Date('2026-11-21T12:00:00.000Z');

/** So many days after {@link NOW}. */
export const inDays = (days: number): Date => new Date(NOW.getTime() + days * DAY);

/** A vendor with a key. */
export class Vendor {
  readonly privateKey: KeyObject = generateKeyPairSync('ed25519').privateKey;
  readonly hex = rawPublicKey(this.privateKey).toString('hex');
  readonly keyring: Keyring = readKeys(this.hex).keyring;

  seal(type: DocumentType, payload: object): Envelope {
    return seal(type, payload, this.privateKey);
  }

  license(changes: Partial<License> = {}): Verified<License> {
    return openLicense(this.seal('license', { ...LICENSE, ...changes }), this.keyring);
  }

  crl(changes: Partial<Crl> = {}): Verified<Crl> {
    return openCrl(this.seal('crl', { ...CRL, ...changes }), this.keyring);
  }

  reply(changes: Partial<Reply> = {}): Verified<Reply> {
    const reply = { ...REPLY, ...changes };
    return openReply(this.seal('reply', reply), this.keyring, new Map([[reply.nonce, reply.licenseId]]));
  }
}

/** A file of 30 days, a contract of a year. */
export const LICENSE: License = {
  id: 'lic-0001',
  customer: 'Escuela Kemper Urgate',
  rfc: 'EKU9003173C9',
  plan: 'comercio',
  entitlements: { features: ['cfdi', 'crm'], quantities: { usuarios: 5 } },
  binding: null,
  issuedAt: NOW,
  notBefore: NOW,
  validUntil: inDays(30),
  paidUntil: inDays(365),
  minCrl: 0,
};

/** A list of a week that names nobody. */
export const CRL: Crl = { series: '2026', number: 7, issuedAt: NOW, nextUpdate: inDays(7), revoked: [], suspended: [] };

/** A refusal that lowers nothing. */
export const REPLY: Reply = {
  nonce: 'ab'.repeat(32),
  time: NOW,
  licenseId: LICENSE.id,
  license: null,
  refusal: { code: 'unpaid', message: 'Pago pendiente' },
};

/** A machine, and another of which the first so many facts are the same. */
export const MACHINE: Binding = ['a1'.repeat(32), 'b2'.repeat(32), 'c3'.repeat(32)];
export const otherMachine = (equal: number): Binding =>
  MACHINE.map((digest, index) => (index < equal ? digest : 'ff'.repeat(32))) as Binding;
