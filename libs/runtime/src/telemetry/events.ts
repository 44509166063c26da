import type { EventSpec, FieldsOf } from './event-spec.ts';
import { AGENT_EVENTS } from './events/agent.events.ts';
import { CFDI_EVENTS } from './events/cfdi.events.ts';
import { GATEWAY_EVENTS } from './events/gateway.events.ts';
import { LEDGER_EVENTS } from './events/ledger.events.ts';
import { LICENSE_EVENTS } from './events/license.events.ts';
import { PROCESS_EVENTS } from './events/process.events.ts';
import { SYNC_EVENTS } from './events/sync.events.ts';

/**
 * The full list of what processes tell. Code emits events; this table alone decides level, fields, metric. A new event is
 * one line in the file of its room under `events/`; `docs/telemetry.md` is generated from the table.
 */
export const EVENTS = {
  ...PROCESS_EVENTS,
  ...LEDGER_EVENTS,
  ...AGENT_EVENTS,
  ...SYNC_EVENTS,
  ...GATEWAY_EVENTS,
  ...CFDI_EVENTS,
  ...LICENSE_EVENTS,
};

/** Name of an event. */
export type EventName = keyof typeof EVENTS;

/** What an emitter of the event has to tell. */
export type EventFields<E extends EventName> = FieldsOf<(typeof EVENTS)[E]['fields']>;

/** The line of the table for an event. */
export function eventSpec(name: EventName): EventSpec {
  return EVENTS[name];
}
