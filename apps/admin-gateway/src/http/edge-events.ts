import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Telemetry } from '@nexora/runtime';
import type { Problem } from './problem.ts';

/** What the edge tells of requests: patterns of routes and codes, never an address, a token or a value. */
@Injectable()
export class EdgeEvents {
  constructor(private readonly telemetry: Telemetry) {}

  /** A request was answered. */
  answered(request: FastifyRequest, reply: FastifyReply): void {
    this.telemetry.emit('request-answered', {
      method: request.method,
      route: routeName(request),
      status: String(reply.statusCode),
      durationMs: reply.elapsedTime,
    });
  }

  /** A request ended in a 5xx. */
  failed(request: FastifyRequest, problem: Problem, error: unknown): void {
    this.telemetry.emit('request-failed', {
      request: String(request.id),
      route: routeName(request),
      code: problem.code,
      error,
    });
  }

  /** A wrong token was presented. */
  tokenRefused(): void {
    this.telemetry.emit('token-refused', {});
  }
}

function routeName(request: FastifyRequest): string {
  return request.routeOptions.config.route?.path ?? 'none';
}
