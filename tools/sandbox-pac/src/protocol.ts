import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request over the wire, its path already without query. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
}

/**
 * A PAC's way of speaking. All protocols share one port, one desk and one memory: one PAC with several windows. Each is
 * a folder, and an entry in `sandbox.ts`.
 */
export interface Protocol {
  /** Answers the exchange; false when the path is none of this protocol's. */
  handle(exchange: Exchange): Promise<boolean>;
}
