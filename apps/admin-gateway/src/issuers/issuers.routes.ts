import { isRfc } from '@nexora/comprobante';
import { z } from 'zod';
import { defineRoute } from '../http/route-spec.ts';

const time = z.iso.datetime({ offset: true });
const byRfc = z.strictObject({
  rfc: z.string().refine(isRfc, 'must be an RFC').describe('RFC of the issuer, percent-encoded (`H%26E951128469`)'),
});

const csdAnswer = z
  .object({
    numero: z.string().describe('20 digits, NoCertificado in the XML'),
    validFrom: time,
    validTo: time,
    daysLeft: z.int().describe('Whole days until it ends; negative afterwards'),
    inUse: z.boolean().describe('The newest valid one, with which the issuer seals'),
    addedAt: time,
    warnedDays: z.int().nullable().describe('Last warning given before its end: 60, 30, 7 or 1 days'),
  })
  .describe('A certificate; neither key nor password are ever answered');

const issuerAnswer = z.object({
  rfc: z.string(),
  nombre: z.string(),
  regimenFiscal: z.string(),
  zonaHoraria: z.string().nullable().describe('null: by the postal code of each comprobante'),
  pause: z
    .object({
      since: time,
      until: time.nullable().describe('null: until a person resumes it'),
      code: z.string(),
      reason: z.string().describe('Spanish'),
    })
    .nullable()
    .describe('Why nothing of it is stamped now'),
  csds: z.array(csdAnswer).describe('Newest first'),
});

export const listIssuers = defineRoute({
  method: 'GET',
  path: '/api/admin/issuers',
  access: 'operator',
  summary: 'Issuers, whether they are paused, and their CSDs with the days left',
  answers: {
    200: z.object({ items: z.array(issuerAnswer), nextCursor: z.null() }).describe('All issuers, by RFC'),
  },
});

export const putIssuer = defineRoute({
  method: 'POST',
  path: '/api/admin/issuers',
  access: 'admin',
  summary: 'Registers an issuer, or changes its data; the same again changes nothing',
  body: z.strictObject({
    rfc: z.string().max(13),
    nombre: z.string().max(300).describe('As on the constancia de situación fiscal, without SA DE CV'),
    regimenFiscal: z.string().max(3).describe('Key of c_RegimenFiscal'),
    zonaHoraria: z.string().max(64).nullable().optional().describe('Fixed zone, as America/Tijuana for a border town'),
  }),
  answers: { 201: issuerAnswer.describe('Registered'), 200: issuerAnswer.describe('Was known; its data were set') },
  problems: ['http.unprocessable'],
  createsWork: true,
});

const MOST = 16_384;
const base64 = z
  .string()
  .max(MOST)
  .regex(/^[A-Za-z0-9+/]+={0,2}$/, 'debe ser el archivo en base64, y no estar vacío');

export const listCsds = defineRoute({
  method: 'GET',
  path: '/api/admin/issuers/:rfc/csds',
  access: 'operator',
  summary: 'The CSDs of an issuer',
  params: byRfc,
  answers: { 200: z.object({ items: z.array(csdAnswer), nextCursor: z.null() }).describe('Newest first') },
  problems: ['http.not-found'],
});

export const addCsd = defineRoute({
  method: 'POST',
  path: '/api/admin/issuers/:rfc/csds',
  access: 'admin',
  summary: 'Installs a CSD; the key is kept encrypted for the CFDI agent alone, the password is not kept',
  params: byRfc,
  body: z.strictObject({
    certificate: base64.describe('The .cer file (DER) in base64'),
    privateKey: base64.describe('The .key file (DER) in base64, encrypted as the tax authority hands it out'),
    password: z.string().max(256).describe('Password of the private key'),
  }),
  answers: { 201: csdAnswer.describe('Installed'), 200: csdAnswer.describe('Was installed before') },
  problems: ['http.not-found', 'cfdi.csd-refused', 'http.conflict', 'http.unavailable'],
  createsWork: true,
  secrets: ['privateKey', 'password'],
});

export const pauseIssuer = defineRoute({
  method: 'POST',
  path: '/api/admin/issuers/:rfc/pause',
  access: 'operator',
  summary: 'Nothing of the issuer is stamped until a person resumes it; comprobantes are taken and wait',
  params: byRfc,
  body: z.strictObject({ reason: z.string().max(500).describe('Spanish; whoever waits for a comprobante reads it') }),
  answers: { 200: z.object({ rfc: z.string(), paused: z.literal(true) }) },
  problems: ['http.not-found'],
  createsWork: true,
});

export const resumeIssuer = defineRoute({
  method: 'POST',
  path: '/api/admin/issuers/:rfc/resume',
  access: 'operator',
  summary: 'The issuer is stamped again, whoever paused it; what waited is due now',
  params: byRfc,
  answers: { 200: z.object({ rfc: z.string(), paused: z.literal(false) }) },
  problems: ['http.not-found'],
  createsWork: true,
});

/** Bytes of a logo, and what they are in base64. */
const MOST_LOGO = 512 * 1024;
const MOST_LOGO_TEXT = Math.ceil(MOST_LOGO / 3) * 4;
const IMAGES = [Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from('ffd8ff', 'hex')];

function isLogo(text: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  const isImage = IMAGES.some((magic) => bytes.subarray(0, magic.length).equals(magic));
  return isImage && bytes.length <= MOST_LOGO && bytes.toString('base64') === text;
}

const style = {
  color: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, 'debe ser como #1f4e79')
    .nullable()
    .describe('Colour of headings; null: the colour of the house'),
  idioma: z.enum(['es', 'en']).describe('Language of the labels'),
};

export const putStyle = defineRoute({
  method: 'PUT',
  path: '/api/admin/issuers/:rfc/style',
  access: 'admin',
  summary: "Sets logo, colour and language of an issuer's PDFs; those drawn from now on have them",
  params: byRfc,
  body: z.strictObject({
    logo: z
      .string()
      .refine(isLogo, 'debe ser PNG o JPEG en base64, de a lo más 512 kB')
      .nullable()
      .describe('PNG or JPEG in base64, at most 512 kB; null: none'),
    ...style,
  }),
  mostBytes: MOST_LOGO_TEXT + 1_024,
  answers: { 200: z.object({ rfc: z.string(), logo: z.boolean(), ...style }).describe('It is set') },
  problems: ['http.not-found', 'cfdi.not-found'],
});
