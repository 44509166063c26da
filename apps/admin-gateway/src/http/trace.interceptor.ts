import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Telemetry } from '@nexora/runtime';
import type { FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';

/** Handles each request as a span of the caller's trace, so that the jobs it makes belong to that trace too. */
@Injectable()
export class TraceInterceptor implements NestInterceptor {
  constructor(private readonly telemetry: Telemetry) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { method, path } = request.call.route;
    const { traceparent } = request.headers;
    const options = {
      traceparent: typeof traceparent === 'string' ? traceparent : null,
      attributes: { 'http.request.method': method, 'http.route': path },
    };
    return from(this.telemetry.span(`${method} ${path}`, options, () => lastValueFrom(next.handle())));
  }
}
