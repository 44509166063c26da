import { documentoSchema } from '@nexora/comprobante';
import { z } from 'zod';
import { pageOf, pageQuery } from '../http/cursor.ts';
import { defineRoute } from '../http/route-spec.ts';
import { ESTADOS } from './estados.ts';
import { readDocumento } from './judge.ts';

const byId = z.strictObject({ id: z.uuid() });
const money = z.string().describe('Decimal string');

const fault = z.object({
  code: z.string(),
  field: z.string().nullable(),
  message: z.string().describe('Spanish'),
  remedy: z.string().nullable().describe('Spanish'),
});

const comprobanteAnswer = z
  .object({
    id: z.uuid(),
    externalId: z.string(),
    estado: z.enum(ESTADOS),
    motivoEspera: z.string().nullable(),
    uuid: z.uuid().nullable(),
    fechaTimbrado: z.string().nullable(),
    subTotal: money.nullable(),
    descuento: money.nullable(),
    total: money.nullable(),
    moneda: z.string().nullable(),
    attempts: z.int(),
    error: fault.nullable(),
    avisos: z
      .array(z.object({ at: z.string(), code: z.string(), message: z.string().describe('Spanish') }))
      .describe('What the owner should know although nothing is wrong, for instance that the month of Fecha changed'),
    estadoSat: z
      .string()
      .nullable()
      .describe('What the tax authority said last: Vigente, Cancelado, No Encontrado (normal in the first hours)'),
    checkedAt: z.string().nullable().describe('When it said so'),
    cancelacion: z
      .object({
        estado: z
          .enum(['pedida', 'en_proceso', 'aceptada', 'rechazada'])
          .describe('pedida: not at the tax authority yet; en_proceso: receiver or tax authority decide'),
        motivo: z.string(),
        folioSustitucion: z.uuid().nullable(),
        askedAt: z.string(),
        decidedAt: z.string().nullable(),
        attempts: z.int(),
        error: fault.nullable(),
      })
      .nullable()
      .describe('The last request to cancel it'),
    links: z.object({ xml: z.string().nullable(), pdf: z.string().nullable(), acuse: z.string().nullable() }),
  })
  .describe('A comprobante as it stands');

const handedOver = z.object({ id: z.uuid(), estado: z.enum(ESTADOS), jobId: z.uuid().nullable() });

export const submitComprobante = defineRoute({
  method: 'POST',
  path: '/api/comprobantes',
  access: 'operator',
  summary: 'Hands a comprobante over to be sealed and stamped',
  body: documentoSchema,
  readBody: readDocumento,
  answers: {
    202: handedOver.describe('Taken; it will be stamped'),
    200: handedOver.describe('The same externalId with the same content was handed over before'),
  },
  problems: ['cfdi.invalid', 'cfdi.external-id-conflict', 'cfdi.folio-conflict'],
  createsWork: true,
});

export const mendComprobante = defineRoute({
  method: 'PUT',
  path: '/api/comprobantes/:id',
  access: 'operator',
  summary: 'Gives a refused comprobante new content; it keeps its id and is sealed anew',
  params: byId,
  body: documentoSchema,
  readBody: readDocumento,
  answers: { 202: handedOver.describe('Taken; it will be stamped') },
  problems: ['cfdi.not-found', 'cfdi.invalid', 'cfdi.not-mendable', 'cfdi.folio-conflict', 'agents.job-running'],
  createsWork: true,
});

export const listComprobantes = defineRoute({
  method: 'GET',
  path: '/api/comprobantes',
  access: 'viewer',
  summary: 'Comprobantes, newest first',
  query: z.strictObject({
    externalId: z.string().optional().describe('Exactly this externalId'),
    estado: z.enum(ESTADOS).optional(),
    ...pageQuery,
  }),
  answers: { 200: pageOf(comprobanteAnswer) },
});

export const readComprobante = defineRoute({
  method: 'GET',
  path: '/api/comprobantes/:id',
  access: 'viewer',
  summary: 'One comprobante',
  params: byId,
  answers: { 200: comprobanteAnswer },
  problems: ['cfdi.not-found'],
});

export const readXml = defineRoute({
  method: 'GET',
  path: '/api/comprobantes/:id/xml',
  access: 'viewer',
  summary: 'The stamped XML, byte by byte as the PAC gave it',
  params: byId,
  answers: { 200: { bytes: 'application/xml', description: 'The XML' } },
  problems: ['cfdi.not-found', 'cfdi.not-ready', 'http.unavailable'],
});

export const readPdf = defineRoute({
  method: 'GET',
  path: '/api/comprobantes/:id/pdf',
  access: 'viewer',
  summary: 'The printed representation',
  params: byId,
  answers: { 200: { bytes: 'application/pdf', description: 'The PDF' } },
  problems: ['cfdi.not-found', 'cfdi.not-ready', 'http.unavailable'],
});
