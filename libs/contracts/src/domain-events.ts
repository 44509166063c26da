import { z } from 'zod';
import { LICENSE_MODES } from './license.ts';

const comprobante = z.object({ comprobanteId: z.uuid() });

/**
 * What happened in the business, told once by whoever did it. Subscribers get a job of their own; the teller knows
 * none of them. Payloads carry ids, never a person's data: whoever needs the data reads it where it lives.
 */
export const DOMAIN_EVENTS = {
  /** The PAC stamped the comprobante and the XML is stored in Postgres. */
  'comprobante.timbrado': comprobante.extend({ uuid: z.uuid() }),
  /** The XML stands in object storage. */
  'comprobante.almacenado': comprobante.extend({ uuid: z.uuid(), xmlKey: z.string() }),
  /** XML and PDF are there: the comprobante may be handed to the customer. */
  'comprobante.listo': comprobante.extend({ uuid: z.uuid(), xmlKey: z.string(), pdfKey: z.string() }),
  /** The comprobante's data must be mended by a person; `code` is a key of PROBLEMS or the PAC's own. */
  'comprobante.rechazado': comprobante.extend({ code: z.string() }),
  /** It was sealed anew with the time of that moment; when the month is another, the owner must know. */
  'comprobante.resellado': comprobante.extend({ mesCambio: z.boolean() }),
  /** The outcome at the PAC is unknown and must not be guessed. */
  'comprobante.revision': comprobante,
  /** The tax authority has taken the request to cancel; receiver or tax authority decide. */
  'comprobante.cancelando': comprobante.extend({ uuid: z.uuid() }),
  /** The comprobante is cancelled. */
  'comprobante.cancelado': comprobante.extend({ uuid: z.uuid() }),
  /** Its cancellation came to nothing: the comprobante is valid still; `code` says why. */
  'comprobante.vigente': comprobante.extend({ code: z.string() }),
  /** A CSD ends soon: `days` is the warning (60, 30, 7 or 1), told once each. */
  'csd.porvencer': z.object({ numero: z.string(), days: z.number().int() }),
  /** The licence carries the house farther, or less far, than before; told once per change. */
  'license.mode-changed': z.object({
    from: z.enum(LICENSE_MODES).nullable(),
    to: z.enum(LICENSE_MODES),
    reason: z.string().nullable(),
  }),
  /** The licence ends in so many days (30, 14, 7, 3 or 1), told once each; `waits`: the kinds that will wait then. */
  'license.expiring': z.object({ days: z.number().int(), until: z.iso.datetime(), waits: z.array(z.string()) }),
} as const;

/** Name of a domain event. */
export type DomainEvent = keyof typeof DOMAIN_EVENTS;

/** What the event tells. */
export type DomainEventPayload<E extends DomainEvent> = z.output<(typeof DOMAIN_EVENTS)[E]>;
