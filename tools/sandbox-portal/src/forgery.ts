import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { seal, type Envelope } from '@nexora/licensing';
import type { CrlPayload, LicensePayload, ReplyPayload } from './office/records.ts';
import { refusalOf } from './office/renewal.ts';
import type { Replied, Vendor } from './office/vendor.ts';
import type { Part } from './misbehaviour.ts';

const hour = 3_600_000;
const day = 24 * hour;

type DocumentType = 'license' | 'crl' | 'reply';

function has(parts: readonly Part[], kind: Part['kind']): boolean {
  return parts.some((part) => part.kind === kind);
}

function at(now: Date, offset: number): string {
  return new Date(now.getTime() + offset).toISOString();
}

/** Signed by a key that nobody trusts, under the name of the right one or under its own. */
function foreign(type: DocumentType, payload: object, kid?: string): Envelope {
  const envelope = seal(type, payload, generateKeyPairSync('ed25519').privateKey);
  return kid === undefined ? envelope : { ...envelope, kid };
}

/** A document that is in none of the office's books; still validly signed. */
function misdatedLicense(license: LicensePayload, parts: readonly Part[], now: Date): LicensePayload {
  // As one that was seen elsewhere: renewed just now, and over before it was issued.
  if (has(parts, 'expired')) return { ...license, notBefore: at(now, -2 * day), validUntil: at(now, -hour) };
  if (has(parts, 'future')) return { ...license, issuedAt: at(now, day), notBefore: at(now, -hour) };
  if (has(parts, 'older')) return { ...license, issuedAt: at(now, -3650 * day), notBefore: at(now, -3650 * day) };
  if (has(parts, 'wrong-id')) return { ...license, id: `${license.id}-X` };
  return license;
}

function refusedReply(reply: ReplyPayload, code: string): ReplyPayload {
  return { ...reply, license: null, refusal: refusalOf(code) };
}

/** Seals as asked: rightly, by a foreign key, or as another type of document. */
async function sealed(vendor: Vendor, type: DocumentType, payload: object, parts: readonly Part[]): Promise<Envelope> {
  const envelope = seal(has(parts, 'wrong-type') ? 'license' : type, payload, await vendor.privateKey());
  if (has(parts, 'wrong-signature')) return foreign(type, payload, envelope.kid);
  return has(parts, 'unknown-key') ? foreign(type, payload) : envelope;
}

async function forgedLicense(vendor: Vendor, replied: Replied, parts: readonly Part[]): Promise<Envelope | null> {
  const { license, reply } = replied;
  if (license === null || reply.license === null) return null;
  const misdated = misdatedLicense(license, parts, new Date(reply.time));
  if (has(parts, 'wrong-license-signature')) return foreign('license', misdated, reply.license.kid);
  return misdated === license ? reply.license : seal('license', misdated, await vendor.privateKey());
}

/** Body of the reply that these parts make of the office's own. `replayed` is the reply before this one. */
export async function forgedReply(
  vendor: Vendor,
  replied: Replied,
  parts: readonly Part[],
  replayed: Envelope | undefined,
): Promise<string> {
  if (has(parts, 'wrong-nonce') && replayed !== undefined) return JSON.stringify(replayed);
  let reply = { ...replied.reply, license: await forgedLicense(vendor, replied, parts) };
  const refusal = parts.find((part) => part.kind === 'signed-refusal');
  if (refusal !== undefined) reply = refusedReply(reply, refusal.code) as typeof reply;
  if (has(parts, 'unsigned-refusal')) return JSON.stringify(refusedReply(reply, 'revoked'));
  if (has(parts, 'no-license')) reply = { ...reply, license: null };
  if (has(parts, 'wrong-nonce')) reply = { ...reply, nonce: randomBytes(32).toString('hex') };
  if (has(parts, 'wrong-id')) reply = { ...reply, licenseId: `${reply.licenseId}-X` };
  return JSON.stringify(await sealed(vendor, 'reply', reply, parts));
}

function forgedList(crl: CrlPayload, parts: readonly Part[]): CrlPayload {
  if (has(parts, 'older')) return { ...crl, number: Math.max(0, crl.number - 1), revoked: [], suspended: [] };
  if (has(parts, 'same-number')) return { ...crl, revoked: [...crl.revoked, 'LIC-OF-NOBODY'] };
  return crl;
}

/** Body of the revocation list that these parts make of the office's own. */
export async function forgedCrl(vendor: Vendor, parts: readonly Part[]): Promise<string> {
  const { crl, envelope } = has(parts, 'freeze') ? await vendor.frozenCrl() : await vendor.crl();
  const forged = forgedList(crl, parts);
  const isAltered = forged !== crl || parts.some(({ kind }) => kind.startsWith('wrong-') || kind === 'unknown-key');
  return JSON.stringify(isAltered ? await sealed(vendor, 'crl', forged, parts) : envelope);
}
