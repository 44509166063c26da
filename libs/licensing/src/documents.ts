import { z } from 'zod';
import { envelopeSchema, type DocumentType, type Envelope } from './envelope.ts';
import { parseStrict } from './json.ts';
import type { Keyring } from './keys.ts';
import { Refused } from './refused.ts';
import { unseal, type Opened } from './seal.ts';

/** A document whose signature is good, read. */
export interface Verified<T> extends Omit<Opened, 'payload'> {
  content: T;
}

/** What the vendor sold, to whom and until when. Keys as on the wire. */
export type License = z.infer<typeof licenseSchema>;

/** Which licences are revoked or suspended. */
export type Crl = z.infer<typeof crlSchema>;

/** What the portal says to one question of ours. */
export type Reply = z.infer<typeof replySchema>;

/** HMACs of three facts of a machine, in the order machine-id, serial, installation; lower-case hex. */
export type Binding = [string, string, string];

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:00)$/;

/** ISO 8601 in UTC, to the millisecond (what is finer is cut); a day that the calendar does not have is refused. */
const time = z.string().transform((text, context): Date => {
  const [, seconds = '', fraction = ''] = TIME.exec(text) ?? [];
  const normal = `${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
  const date = new Date(normal);
  if (!Number.isNaN(date.getTime()) && date.toISOString() === normal) return date;
  context.addIssue({ code: 'custom', message: 'no time in ISO 8601, UTC' });
  return z.NEVER;
});

/** What must not get into logs, pages and Postgres. */
const CONTROLS = /[\u0000-\u001f\u007f]/g;

/** Text for people and logs: no control signs, no half of a character. */
const text = (longest: number): z.ZodString =>
  z
    .string()
    .max(longest)
    .refine((value) => value.isWellFormed() && value.search(CONTROLS) === -1);

/** Goes into an address: never empty, never a step up in a path. */
const id = text(200)
  .min(1)
  .refine((value) => value !== '.' && value !== '..');

/** What the portal says to a person: a line break in it must not make a refusal unreadable. */
const saying = z
  .string()
  .max(2000)
  .transform((value) => value.toWellFormed().replace(CONTROLS, ' '));

const digest = z
  .string()
  .max(128)
  .regex(/^(?:[0-9a-fA-F]{2})+$/)
  .transform((hex) => hex.toLowerCase());

// What a newer vendor's tool adds is signed and passed over: a new field must not take a shop's licence away.
const licenseSchema = z.object({
  id,
  customer: text(300),
  rfc: text(20),
  plan: text(100),
  entitlements: z.object({
    features: z.array(text(100)).max(1000),
    quantities: z.record(text(100), z.number()),
  }),
  binding: z.tuple([digest, digest, digest]).nullable(),
  issuedAt: time,
  notBefore: time,
  validUntil: time,
  paidUntil: time,
  minCrl: z.int().nonnegative(),
});

const crlSchema = z.object({
  series: z.union([text(100).min(1), z.int().nonnegative()]).transform(String),
  number: z.int().nonnegative(),
  issuedAt: time,
  nextUpdate: time,
  revoked: z.array(id),
  suspended: z.array(id),
});

const replySchema = z
  .object({
    nonce: z.string().regex(/^[0-9a-fA-F]{64}$/),
    time,
    licenseId: id,
    license: envelopeSchema.nullable(),
    refusal: z.object({ code: text(100).min(1), message: saying }).nullable(),
  })
  // Both null: the portal tells the time, and has neither a licence nor a reason.
  .refine((reply) => reply.license === null || reply.refusal === null);

/** @throws {Refused} `no key`, `unknown key`, `bad signature`, `unreadable` */
export function openLicense(envelope: Envelope, keyring: Keyring): Verified<License> {
  return open('license', envelope, keyring, licenseSchema);
}

/** @throws {Refused} `no key`, `unknown key`, `bad signature`, `unreadable` */
export function openCrl(envelope: Envelope, keyring: Keyring): Verified<Crl> {
  return open('crl', envelope, keyring, crlSchema);
}

/**
 * Reads an answer of the portal to a question of ours: only such an answer tells the time or refuses.
 *
 * @param asked the nonces of our open questions, each with the id of the licence that it asked about
 * @throws {Refused} as the other documents; `wrong nonce`, `other license`
 */
export function openReply(envelope: Envelope, keyring: Keyring, asked: ReadonlyMap<string, string>): Verified<Reply> {
  const reply = open('reply', envelope, keyring, replySchema);
  const licenseId = asked.get(reply.content.nonce);
  if (licenseId === undefined) {
    throw new Refused('wrong nonce', {
      es: 'La respuesta no contesta a ninguna solicitud abierta de este equipo; haga una solicitud nueva.',
      en: 'The reply answers no open request of this house; make a new request.',
    });
  }
  if (licenseId !== reply.content.licenseId) throw otherLicense(reply.content.licenseId, licenseId);
  return reply;
}

/**
 * The licence inside a reply, verified by itself: the portal may be replaced, the vendor's key may not.
 *
 * @throws {Refused} as {@link openLicense}; `other license`
 */
export function openRenewed(reply: Reply, keyring: Keyring): Verified<License> | null {
  if (reply.license === null) return null;
  const license = openLicense(reply.license, keyring);
  if (license.content.id !== reply.licenseId) throw otherLicense(license.content.id, reply.licenseId);
  return license;
}

function open<T>(type: DocumentType, envelope: Envelope, keyring: Keyring, schema: z.ZodType<T>): Verified<T> {
  const { payload, ...opened } = unseal(type, envelope, keyring);
  const parsed = schema.safeParse(parseStrict(payload));
  if (parsed.success) return { ...opened, content: parsed.data };
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new Refused('unreadable', {
    es: `El documento está firmado, pero no tiene la forma acordada${where === '' ? '' : ` (${where})`}.`,
    en: `The document is signed but not of the agreed shape${where === '' ? '' : ` (${where})`}.`,
  });
}

function otherLicense(got: string, wanted: string): Refused {
  return new Refused('other license', {
    es: `La respuesta es de otra licencia (${got}); se preguntó por ${wanted}.`,
    en: `The reply is about another licence (${got}); asked was ${wanted}.`,
  });
}
