import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';
import { RawAnswer } from './raw-answer.ts';

/** Sends a {@link RawAnswer} with its own status and headers; a plain result goes out as it is. */
@Injectable()
export class AnswerInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      map((result: unknown) => {
        if (!(result instanceof RawAnswer)) return result;
        void reply.status(result.status).headers(result.headers);
        return result.body;
      }),
    );
  }
}
