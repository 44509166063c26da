import { LICENSE_MODES } from '@nexora/contracts';
import { z } from 'zod';
import { defineRoute } from '../http/route-spec.ts';
import { envelopeForm, readInstalled } from './read-installed.ts';

const time = z.iso.datetime({ offset: true });
const orNone = <T extends z.ZodType>(schema: T) => schema.nullable().describe('null without a licence');

/** The clock of this machine as the licence sees it. */
const clock = z
  .object({
    verdict: z.enum(['ok', 'note', 'behind', 'ahead']).describe('behind, ahead: it is wrong, and its time not counted'),
    offBySeconds: z.number(),
    time: time.nullable().describe('The time by which the licence is judged'),
    mark: time.nullable().describe('The highest time that is certain'),
  })
  .describe('The clock of this machine as the licence sees it');

const crl = z
  .object({
    series: z.string().nullable(),
    number: z.number().describe('0: there is none yet'),
    issuedAt: time.nullable(),
    nextUpdate: time.nullable(),
    ageSeconds: z.number().nullable(),
    stale: z.boolean().describe('Past its next update'),
    revoked: z.number().describe('How many licences it revokes'),
  })
  .describe('The revocation list');

const machine = z
  .object({
    match: z.number().nullable().describe('How many of three host facts are as in the licence; null: it is not bound'),
    same: z.boolean(),
    changedAt: time.nullable(),
    rebindAllowedAt: time.nullable().describe('null: now'),
    unread: z
      .array(z.string())
      .describe('Facts that cannot be read here: machine-id, serial. A container must be passed them'),
  })
  .describe('Whether this is the machine that the licence is bound to');

/** What the agent recorded: as in the documents, plus what it came to. `license -- show --json` prints the same. */
const licenseAnswer = z
  .object({
    id: orNone(z.string()),
    customer: orNone(z.string()),
    rfc: orNone(z.string()),
    plan: orNone(z.string()),
    entitlements: orNone(z.object({ features: z.array(z.string()), quantities: z.record(z.string(), z.number()) })),
    binding: z.array(z.string()).nullable().describe('Three host facts as HMAC-SHA256; null: not bound to a machine'),
    issuedAt: orNone(time),
    notBefore: orNone(time),
    validUntil: orNone(time).describe('End of this file, which renews itself'),
    paidUntil: orNone(time).describe('End of the contract'),
    minCrl: orNone(z.number()),
    kid: orNone(z.string()).describe('First 16 hex digits of the SHA-256 of the key that signed it'),
    mode: z.enum(LICENSE_MODES),
    reason: z.string().nullable().describe('Why the mode is not valid, an English phrase; null when it is'),
    message: z.string().describe('How it stands, for the owner, in Spanish'),
    graceDaysLeft: z.number().nullable().describe('In grace, and 0 in limited; else null'),
    lastCheck: time.nullable(),
    lastSuccess: time.nullable().describe('When the portal last answered as it should'),
    nextCheck: time.nullable(),
    lastRefusal: z
      .object({ code: z.string(), message: z.string(), at: time })
      .nullable()
      .describe('What the portal last refused, signed; null: nothing'),
    clock,
    crl,
    machine,
    waits: z
      .array(z.object({ kind: z.string(), waiting: z.number() }))
      .describe('Kinds of work that need the licence, and how many jobs of each wait for it now'),
    refusedKeys: z
      .array(z.object({ position: z.number(), start: z.string(), why: z.string() }))
      .describe('Keys of LICENSE_PUBLIC_KEY_HEX that were left out'),
  })
  .describe('The licence and how it stands');

/** The licence as the agent recorded it. */
export type LicenseState = z.output<typeof licenseAnswer>;

export const readLicense = defineRoute({
  method: 'GET',
  path: '/api/admin/license',
  access: 'viewer',
  summary: 'The licence: mode and reason, both lifetimes, grace days left, last and next check, clock, CRL, machine',
  answers: { 200: licenseAnswer },
});

const jobAnswer = z.object({ jobId: z.uuid() });

export const syncLicense = defineRoute({
  method: 'POST',
  path: '/api/admin/agents/sync-license',
  access: 'operator',
  summary: 'The licence is checked now, and renewed if there is a line',
  answers: { 202: jobAnswer.describe('The job that does it; one that waits already does for both') },
  createsWork: true,
});

export const installLicense = defineRoute({
  method: 'POST',
  path: '/api/admin/license/install',
  access: 'admin',
  summary: 'Hands in a file: a licence, a reply of the portal to a request, or a revocation list',
  body: z
    .union([envelopeForm, z.strictObject({ envelope: z.union([z.string(), envelopeForm]) })])
    .transform((): string => '')
    .describe('The file as it is, or {"envelope": …} with it as text or as JSON'),
  readBytes: readInstalled,
  answers: { 202: jobAnswer.describe('The job that judges and takes it; its result or error tells what it came to') },
  createsWork: true,
});

export const rebindLicense = defineRoute({
  method: 'POST',
  path: '/api/admin/license/rebind',
  access: 'admin',
  summary: 'Asks the portal to bind the licence to this machine; once in 30 days',
  answers: { 202: jobAnswer.describe('The job that asks; it waits for the line') },
  problems: ['http.conflict'],
  createsWork: true,
});

const FORMATS = ['json', 'svg', 'png'] as const;

/** What an answer of {@link requestLicense} is drawn as. */
export type RequestFormat = (typeof FORMATS)[number];

export const requestLicense = defineRoute({
  method: 'GET',
  path: '/api/admin/license/request',
  access: 'admin',
  summary: 'A request for renewal to be carried by hand where there is no Internet at all: as a file or as a QR code',
  query: z.strictObject({
    format: z.enum(FORMATS).default('json').describe('json: the file; svg, png: the QR code that a phone opens'),
  }),
  answers: {
    200: {
      json: z.object({
        id: z.string(),
        nonce: z.string().describe('For 30 days the reply to it is taken'),
        binding: z.array(z.string()),
      }),
      bytes: ['image/svg+xml', 'image/png'],
      description: 'The request',
    },
  },
  problems: ['http.conflict'],
});
