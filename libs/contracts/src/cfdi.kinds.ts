import { z } from 'zod';
import { defineKind } from './kind.ts';

const comprobante = z.object({ comprobanteId: z.uuid() }).strict();

/** Jobs of the CFDI agent. */
export const cfdiKinds = {
  /** Enqueues what is `pendiente` and has no job. */
  pickUp: defineKind({
    name: 'cfdi.pick-up',
    payload: z.object({}).strict(),
    result: z.object({ enqueued: z.number().int().nonnegative() }),
    delivery: 'at-least-once',
    enqueuers: ['gateway'],
  }),
  /** Seals a comprobante, has the PAC stamp it, keeps the stamped XML. In doubt, the PAC is asked first. */
  stamp: defineKind({
    name: 'cfdi.stamp',
    payload: comprobante,
    result: z.object({ uuid: z.uuid(), fechaTimbrado: z.string() }),
    needsInternet: 'stamping',
    needsLicense: true,
    enqueuers: ['client', 'gateway'],
    shown: ['comprobanteId'],
  }),
  /** After a restore: searches object storage for stamps of which the restored tables know nothing. */
  search: defineKind({
    name: 'cfdi.search',
    payload: z.object({}).strict(),
    result: z.object({ found: z.number().int().nonnegative(), strays: z.number().int().nonnegative() }),
    delivery: 'at-least-once',
    enqueuers: ['gateway'],
  }),
  /** Copies the stamped XML to object storage under its UUID. */
  store: defineKind({
    name: 'cfdi.store',
    payload: comprobante,
    result: z.object({ key: z.string(), bytes: z.number().int().positive() }),
    delivery: 'at-least-once',
    enqueuers: ['gateway'],
    shown: ['comprobanteId'],
  }),
  /** Warns before a CSD ends. */
  watchCsds: defineKind({
    name: 'cfdi.watch-csds',
    payload: z.object({}).strict(),
    result: z.object({ warned: z.number().int().nonnegative() }),
    delivery: 'at-least-once',
    enqueuers: ['gateway'],
  }),
  /** Has the last month packed for every issuer. */
  packMonths: defineKind({
    name: 'cfdi.pack-months',
    payload: z.object({}).strict(),
    result: z.object({ month: z.string(), enqueued: z.number().int().nonnegative() }),
    delivery: 'at-least-once',
    enqueuers: ['gateway'],
  }),
  /** Packs XML and PDF of a month of an issuer into a zip in object storage. */
  packMonth: defineKind({
    name: 'cfdi.pack-month',
    payload: z
      .object({ emisor: z.string().min(12).max(13), month: z.string().regex(/^20[0-9]{2}-(0[1-9]|1[0-2])$/) })
      .strict(),
    result: z.object({
      key: z.string().nullable(),
      documents: z.number().int().nonnegative(),
      bytes: z.number().int().nonnegative(),
    }),
    delivery: 'at-least-once',
    enqueuers: ['gateway'],
    shown: ['month'],
  }),
  /** Draws the representación impresa (PDF) and keeps it beside the XML. */
  render: defineKind({
    name: 'cfdi.render',
    payload: comprobante,
    result: z.object({ key: z.string(), bytes: z.number().int().positive() }),
    delivery: 'at-least-once',
    enqueuers: ['gateway'],
    shown: ['comprobanteId'],
  }),
  /** Hands the signed request to cancel to the PAC. In doubt, the same bytes go again, and the status decides. */
  cancel: defineKind({
    name: 'cfdi.cancel',
    payload: comprobante,
    result: z.object({ estado: z.enum(['en_proceso', 'aceptada', 'rechazada']), code: z.string() }),
    needsInternet: 'stamping',
    enqueuers: ['gateway'],
    shown: ['comprobanteId'],
  }),
  /** Copies the acknowledgement of a cancellation to object storage, beside the XML. */
  keepAcuse: defineKind({
    name: 'cfdi.keep-acuse',
    payload: comprobante,
    result: z.object({ key: z.string(), bytes: z.number().int().positive() }),
    delivery: 'at-least-once',
    enqueuers: ['gateway'],
    shown: ['comprobanteId'],
  }),
  /** Asks the tax authority's consultation service for the state of a comprobante. */
  status: defineKind({
    name: 'cfdi.status',
    payload: comprobante,
    result: z.object({ estado: z.string(), estatusCancelacion: z.string() }),
    delivery: 'at-least-once',
    needsInternet: 'stamping',
    enqueuers: ['gateway'],
    shown: ['comprobanteId'],
  }),
  /** Follows the open cancellations: enqueues the questions that are due, and what lost its job. */
  follow: defineKind({
    name: 'cfdi.follow',
    payload: z.object({}).strict(),
    result: z.object({ asked: z.number().int().nonnegative(), resumed: z.number().int().nonnegative() }),
    delivery: 'at-least-once',
    enqueuers: ['gateway'],
  }),
  /** Asks the PAC how many stamps are left. */
  balance: defineKind({
    name: 'cfdi.balance',
    payload: z.object({}).strict(),
    result: z.object({ accounts: z.number().int().nonnegative() }),
    delivery: 'at-least-once',
    needsInternet: 'stamping',
    enqueuers: ['gateway'],
  }),
};

export type CfdiKinds = typeof cfdiKinds;
