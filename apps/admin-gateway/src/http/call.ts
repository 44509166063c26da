import type { Role } from '../auth/roles.ts';
import type { RouteSpec } from './route-spec.ts';

/** Who calls: a program with a token; later also a person with a session. */
export interface Caller {
  readonly kind: 'token';
  readonly id: string;
  /** As its maker named it; no person's datum. */
  readonly name: string;
  readonly role: Role;
}

/** One request, as handlers, audit and idempotency see it. */
export interface Call {
  readonly requestId: string;
  readonly route: RouteSpec;
  /** Path of the request without its query. */
  readonly path: string;
  /** The address it came from, IPv4 undressed. */
  readonly address: string;
  /** null on a public route. */
  readonly caller: Caller | null;
  readonly idempotencyKey: string | null;
  /** Body as it was read from the wire, before its schema; what an Idempotency-Key is bound to. */
  readonly rawBody: unknown;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route declares; a route without one is refused at start. */
    route?: RouteSpec;
  }
  interface FastifyRequest {
    caller: Caller | null;
    call: Call;
    input: unknown;
  }
}
