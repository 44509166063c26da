import { z } from 'zod';
import { parseStrict } from './json.ts';
import { Refused } from './refused.ts';

/** What a document is. */
export type DocumentType = 'license' | 'crl' | 'reply';

/** Stands before the payload in what is signed, so that one kind of document never passes as another. */
export const PREFIX: Readonly<Record<DocumentType, string>> = {
  license: 'nexora-license-v1\n',
  crl: 'nexora-crl-v1\n',
  reply: 'nexora-reply-v1\n',
};

/** How long a file or answer may be, in bytes. */
export const MAX_BYTES: Readonly<Record<DocumentType, number>> = {
  license: 64 * 1024,
  reply: 64 * 1024,
  crl: 1024 * 1024,
};

/** A file or answer as it travels. Nothing in it is believed before its signature is. */
export interface Envelope {
  /** Base64 of the exact bytes that were signed (after the prefix). */
  payload: string;
  /** Base64 of the 64 bytes of an Ed25519 signature. */
  signature: string;
  /** First 16 hex digits of the SHA-256 of the raw public key: says which key to try, proves nothing. */
  kid: string;
}

const SIGNATURE_BYTES = 64;

/** The bytes behind canonical base64, or null: Node's decoder skips what is no base64 and forgives odd ends. */
export function bytesOfBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}

/** An envelope and nothing else. `alg`, which some signers add, is allowed and ignored: it is Ed25519 whatever a file says. */
export const envelopeSchema = z
  .object({
    payload: z.string().refine((text) => text !== '' && bytesOfBase64(text) !== null),
    signature: z.string().refine((text) => bytesOfBase64(text)?.length === SIGNATURE_BYTES),
    kid: z.string().regex(/^[0-9a-f]{16}$/),
    alg: z.unknown().optional(),
  })
  .strict()
  .transform(({ payload, signature, kid }): Envelope => ({ payload, signature, kid }));

/**
 * Reads an envelope from a file or an answer.
 *
 * @param maxBytes see {@link MAX_BYTES}; a text counts in UTF-8
 * @throws {Refused} `too large`, `unreadable`
 */
export function readEnvelope(text: string | Uint8Array, maxBytes: number): Envelope {
  assertSize(Buffer.byteLength(text), maxBytes);
  const parsed = envelopeSchema.safeParse(parseStrict(text));
  if (parsed.success) return parsed.data;
  throw new Refused('unreadable', {
    es: 'El archivo no es una licencia: le faltan partes o tiene otras (se espera payload, signature y kid).',
    en: 'The file is no licence: parts are missing or strange (expected are payload, signature and kid).',
  });
}

/** @throws {Refused} `too large` */
export function assertSize(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  throw new Refused('too large', {
    es: `El archivo mide ${String(bytes)} bytes; se aceptan ${String(maxBytes)}.`,
    en: `The file has ${String(bytes)} bytes; up to ${String(maxBytes)} are accepted.`,
  });
}
