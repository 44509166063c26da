import { AsyncLocalStorage } from 'node:async_hooks';

/** A place in a trace, as W3C Trace Context writes it. */
export interface TraceContext {
  /** 32 hex digits. */
  readonly traceId: string;
  /** The header or column: `00-<trace id>-<span id>-<flags>`. */
  readonly traceparent: string;
}

/** The place in the trace that the present asynchronous call belongs to. */
export const traceStorage = new AsyncLocalStorage<TraceContext>();

const FORM = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Reads a traceparent of version 00; anything else, all-zero ids too, is `undefined`, as the standard wants it. */
export function parseTraceparent(text: string | null | undefined): TraceContext | undefined {
  const traceId = FORM.exec(text ?? '')?.[1];
  return traceId === undefined || typeof text !== 'string' ? undefined : { traceId, traceparent: text };
}
