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
};

export type CfdiKinds = typeof cfdiKinds;
