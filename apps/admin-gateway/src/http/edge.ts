import { NOT_KNOWN } from '@nexora/contracts';
import { randomUUID } from 'node:crypto';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Gate } from '../auth/gate.ts';
import { plainAddress } from './cidr.ts';
import type { EdgeEvents } from './edge-events.ts';
import { readIdempotencyKey } from './idempotency.ts';
import { readInput } from './input.ts';
import { parseJsonBody } from './json-body.ts';
import { problemOf } from './problem-of.ts';
import { pathOfUrl } from './problem.filter.ts';
import { Problem, PROBLEM_MEDIA_TYPE } from './problem.ts';
import type { RouteSpec } from './route-spec.ts';
import type { RouteTable } from './route-table.ts';
import { refuseUnstorable } from './storable.ts';
import type { Tls } from './tls.ts';
import { answerBrokenHttp } from './broken-http.ts';

/** Bytes on the wire: the largest comprobante (10,000 lines), and what is refused with a better reason than its size. */
const MAX_BODY_BYTES = 5 * 1024 * 1024;
/** A request that is not complete by then is answered 408: nobody holds a connection open by dripping. */
const REQUEST_TIMEOUT_MS = 30_000;

/** The HTTP server under Nest, without any route yet. */
export function createAdapter(tls: Tls | null): FastifyAdapter {
  const options = {
    logger: false,
    // No Nest middleware is used.
    skipMiddie: true,
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    genReqId: () => randomUUID(),
    frameworkErrors: answerFrameworkError,
    clientErrorHandler: answerBrokenHttp,
    routerOptions: { maxParamLength: 200 },
  };
  return new FastifyAdapter(tls === null ? options : { ...options, https: { ...tls } });
}

/** What the router refuses before any hook: an address that cannot be decoded, a parameter that is too long. */
function answerFrameworkError(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(error);
  void reply
    .status(problem.status)
    .headers(problem.headers)
    .type(PROBLEM_MEDIA_TYPE)
    .send(JSON.stringify(problem.document(pathOfUrl(request.url), String(request.id))));
}

/**
 * Puts the rules of the edge in front of every route, in this order: network and host, address and method, token and
 * role; then the body is read, then the input is judged. Nothing reaches a handler around them.
 */
export function installEdge(fastify: FastifyInstance, gate: Gate, routes: RouteTable, events: EdgeEvents): void {
  fastify.decorateRequest('caller', null);
  fastify.addHook('onRoute', ({ method, url, config }) => routes.add(String(method), url, config?.route));
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      const { route } = request.routeOptions.config;
      done(null, route?.readBytes === undefined ? parseJsonBody(body as Buffer, route?.mostBytes) : body);
    } catch (error) {
      done(error as Error);
    }
  });
  fastify.addHook('onRequest', async (request, reply) => {
    void reply.headers({
      'x-request-id': String(request.id),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    gate.checkOrigin(request);
    const route = routeOf(request, routes);
    request.caller = await gate.admit(request, route.access);
  });
  fastify.addHook('preHandler', async (request) => readRequest(request, routeOf(request, routes)));
  fastify.addHook('onResponse', async (request, reply) => events.answered(request, reply));
}

function routeOf(request: FastifyRequest, routes: RouteTable): RouteSpec {
  const { route } = request.routeOptions.config;
  if (route !== undefined && !request.is404) return route;
  const methods = routes.methodsAt(pathOfUrl(request.url));
  if (methods.length === 0) {
    throw new Problem('http.not-found', 'There is nothing at this address. See /api/openapi.json for what there is.');
  }
  throw new Problem('http.method-not-allowed', `This address takes ${methods.join(', ')}.`, {
    headers: { allow: methods.join(', ') },
  });
}

function readRequest(request: FastifyRequest, route: RouteSpec): void {
  const body = readBody(route, request.body);
  request.call = {
    requestId: String(request.id),
    route,
    path: pathOfUrl(request.url),
    address: plainAddress(request.ip),
    caller: request.caller,
    idempotencyKey: route.createsWork === true ? readIdempotencyKey(request.headers['idempotency-key']) : null,
    rawBody: route.readBytes === undefined ? request.body : body,
  };
  request.input = {
    params: readPart(route, 'params', request.params),
    query: readPart(route, 'query', request.query),
    body,
  };
}

function readPart(route: RouteSpec, place: 'params' | 'query', value: unknown): unknown {
  const schema = route[place];
  if (schema !== undefined) {
    // What a path takes has a form that leaves no room for it.
    if (place === 'query') refuseUnstorable(value);
    return readInput(schema, value, place);
  }
  const [unknown] = Object.keys((value as Record<string, unknown> | null) ?? {});
  if (unknown === undefined) return undefined;
  throw unknownField(unknown, place);
}

function readBody(route: RouteSpec, body: unknown): unknown {
  if (route.body === undefined) {
    if (body === undefined || (typeof body === 'object' && body !== null && Object.keys(body).length === 0))
      return undefined;
    throw new Problem('http.malformed', 'This route takes no body. Leave it out, or send {}.');
  }
  if (route.readBytes !== undefined) return route.readBytes(Buffer.isBuffer(body) ? body : Buffer.alloc(0));
  if (body === undefined)
    throw new Problem('http.malformed', 'The body is missing. Send JSON with Content-Type: application/json.');
  return route.readBody === undefined ? readInput(route.body, body, 'body') : route.readBody(body);
}

function unknownField(path: string, place: string): Problem {
  const message = NOT_KNOWN;
  return new Problem('http.malformed', `En ${place === 'query' ? 'la consulta' : 'la ruta'}, «${path}»: ${message}.`, {
    errors: [{ path, message }],
  });
}
