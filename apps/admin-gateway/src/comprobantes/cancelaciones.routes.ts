import { z } from 'zod';
import { defineRoute } from '../http/route-spec.ts';
import { ESTADOS } from './estados.ts';

const byId = z.strictObject({ id: z.uuid() });
const asked = z.object({ id: z.uuid(), estado: z.enum(ESTADOS), jobId: z.uuid().nullable() });

export const cancelComprobante = defineRoute({
  method: 'POST',
  path: '/api/comprobantes/:id/cancel',
  access: 'operator',
  summary: 'Asks the tax authority to cancel a comprobante',
  params: byId,
  body: z.strictObject({
    motivo: z
      .string()
      .describe('01 errors, with a substitute; 02 errors; 03 the sale did not happen; 04 sale of a global invoice'),
    folioSustitucion: z
      .uuid()
      .nullish()
      .describe('With motivo 01: UUID of the comprobante that takes its place (related by tipoRelacion 04)'),
  }),
  answers: {
    202: asked.describe('Taken; it is `cancelacion_pedida` until receiver and tax authority have decided'),
    200: asked.describe('The same was asked for before'),
  },
  problems: ['cfdi.not-found', 'cfdi.invalid', 'cfdi.not-cancellable'],
  createsWork: true,
});

export const checkComprobante = defineRoute({
  method: 'POST',
  path: '/api/comprobantes/:id/status',
  access: 'operator',
  summary: 'Asks the tax authority now whether a comprobante is valid or cancelled; GET shows the answer',
  params: byId,
  answers: { 202: z.object({ id: z.uuid(), jobId: z.uuid() }).describe('It is asked; see estadoSat and checkedAt') },
  problems: ['cfdi.not-found', 'cfdi.not-ready'],
  createsWork: true,
});

export const readAcuse = defineRoute({
  method: 'GET',
  path: '/api/comprobantes/:id/acuse',
  access: 'viewer',
  summary: "The tax authority's acknowledgement of a cancellation, byte by byte as the PAC gave it",
  params: byId,
  answers: { 200: { bytes: 'application/xml', description: 'The acknowledgement' } },
  problems: ['cfdi.not-found', 'cfdi.not-ready'],
});
