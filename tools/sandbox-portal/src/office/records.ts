import { BadInput, isRecord } from '@nexora/sandbox-kit';
import type { Envelope } from '@nexora/licensing';

/** Digests of the three facts of a machine: machine-id, serial, installation id. */
export type Binding = readonly [string, string, string];

/** What a licence allows. */
interface Entitlements {
  readonly features: readonly string[];
  readonly quantities: Readonly<Record<string, number>>;
}

/** Payload of a licence as the office writes it. */
export interface LicensePayload {
  readonly id: string;
  readonly customer: string;
  readonly rfc: string;
  readonly plan: string;
  readonly entitlements: Entitlements;
  readonly binding: Binding | null;
  readonly issuedAt: string;
  readonly notBefore: string;
  readonly validUntil: string;
  readonly paidUntil: string;
  readonly minCrl: number;
}

/** Payload of a revocation list. */
export interface CrlPayload {
  readonly series: string;
  readonly number: number;
  readonly issuedAt: string;
  readonly nextUpdate: string;
  readonly revoked: readonly string[];
  readonly suspended: readonly string[];
}

/** Why a licence is not renewed; the message is for its owner, in Spanish. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** Payload of the reply to a renewal. */
export interface ReplyPayload {
  readonly nonce: string;
  readonly time: string;
  readonly licenseId: string;
  readonly license: Envelope | null;
  readonly refusal: Refusal | null;
}

/** What the office knows of one licence. */
export interface LicenseRecord {
  /** The document given out last. */
  readonly license: LicensePayload;
  readonly envelope: Envelope;
  /** Life of every renewed document. */
  readonly validDays: number;
  /** Takes the machine of its first renewal as its own. */
  readonly bindsAtFirstRenewal: boolean;
  readonly status: 'active' | 'suspended' | 'revoked';
  /** When the owner last moved it to another machine. */
  readonly reboundAt: string | null;
}

/** A pair of keys by its public half; the private one lies in a file of its own. */
export interface KeyRecord {
  readonly kid: string;
  readonly publicKeyHex: string;
  readonly since: string;
  /** When the next one took over; null while it signs. */
  readonly until: string | null;
}

/** The revocation list that is given out now. */
export interface CrlRecord {
  readonly crl: CrlPayload;
  readonly envelope: Envelope;
}

/** Everything that the office remembers, besides private keys. */
export interface Book {
  /** Newest first: the first one signs. */
  readonly keys: readonly KeyRecord[];
  readonly crl: CrlRecord;
  readonly licenses: readonly LicenseRecord[];
}

/** Reads a book. Errors: BadInput when the text is none. */
export function bookIn(text: string, path: string): Book {
  try {
    const value = JSON.parse(text) as unknown;
    if (isRecord(value) && Array.isArray(value.keys) && isRecord(value.crl) && Array.isArray(value.licenses)) {
      return value as unknown as Book;
    }
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw new BadInput(`${path} is no book of a licence office: move the folder away to start with an empty one`);
}
