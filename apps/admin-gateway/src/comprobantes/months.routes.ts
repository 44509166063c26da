import { isRfc } from '@nexora/comprobante';
import { z } from 'zod';
import { defineRoute } from '../http/route-spec.ts';

const byMonth = z.strictObject({
  month: z
    .string()
    .regex(/^20[0-9]{2}-(0[1-9]|1[0-2])$/)
    .describe('Month of Fecha, as 2026-10'),
});
const emisor = z.string().refine(isRfc, 'must be an RFC').describe('RFC of the issuer');

export const readMonth = defineRoute({
  method: 'GET',
  path: '/api/comprobantes/months/:month',
  access: 'viewer',
  summary:
    'XML and PDF of a month of an issuer with an index, as one zip; made on the 4th of the next month, or by POST',
  params: byMonth,
  query: z.strictObject({ emisor }),
  answers: { 200: { bytes: 'application/zip', description: 'The zip' } },
  problems: ['cfdi.not-ready', 'http.unavailable'],
});

export const packMonth = defineRoute({
  method: 'POST',
  path: '/api/comprobantes/months/:month',
  access: 'operator',
  summary: 'Makes the zip of a month anew, for instance after a cancellation',
  params: byMonth,
  body: z.strictObject({ emisor: z.string().max(13) }),
  answers: { 202: z.object({ jobId: z.uuid() }).describe('The job that packs it') },
  problems: ['http.not-found', 'http.unavailable'],
  createsWork: true,
});
