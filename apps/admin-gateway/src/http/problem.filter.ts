import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EdgeEvents } from './edge-events.ts';
import { problemOf } from './problem-of.ts';
import { PROBLEM_MEDIA_TYPE } from './problem.ts';

/** Turns whatever was thrown, by whomever, into `application/problem+json`. The only place that writes an error. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly events: EdgeEvents) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const problem = problemOf(thrown);
    if (problem.status >= 500) this.events.failed(request, problem, thrown);
    if (reply.sent || reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    // Fastify closes after a refused body, and whoever still writes sees a reset in place of the answer. Kept open, Node
    // answers, then reads and throws away the rest, as long as a request may take (`requestTimeout`).
    reply.removeHeader('connection');
    void reply
      .status(problem.status)
      .headers(problem.headers)
      .type(PROBLEM_MEDIA_TYPE)
      .send(JSON.stringify(problem.document(pathOfUrl(request.url), String(request.id))));
  }
}

/** Path of a request target, without its query. */
export function pathOfUrl(url: string): string {
  return url.split(/[?#]/, 1)[0] ?? '/';
}
