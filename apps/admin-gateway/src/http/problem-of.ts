import { HttpException } from '@nestjs/common';
import { awayReason, DatabaseAway, sqlState } from '@nexora/database';
import { Problem, retryAfter, type ProblemCode } from './problem.ts';

/** How long a caller should wait after a 503: the house tries again within seconds by itself. */
export const AWAY_RETRY_SECONDS = 5;

/** What Fastify and Node say about a request that never reached a handler, in our words. */
const BY_STATUS: Readonly<Record<number, readonly [ProblemCode, string]>> = {
  400: ['http.malformed', 'The request is malformed. Check its address, headers and body.'],
  404: ['http.not-found', 'There is nothing at this address. See /api/openapi.json for what there is.'],
  405: ['http.method-not-allowed', 'This address does not take that method.'],
  408: ['http.request-timeout', 'The request came too slowly. Send it again.'],
  413: ['http.too-large', 'The body is larger than this API takes. Send less.'],
  414: ['http.uri-too-long', 'The address, or a part of it, is too long. Shorten it.'],
  415: ['http.unsupported-type', 'Send the body as application/json in UTF-8.'],
  431: ['http.headers-too-large', 'The headers are too large. Send fewer or shorter ones.'],
};

/**
 * Any thrown thing as the problem that the caller sees. What is not known becomes a 500 that tells nothing of the
 * inside; the cause goes to the log alone.
 */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  const away = awayProblem(thrown);
  if (away !== null) return away;
  const status = statusOfThrown(thrown);
  const known = status === null ? undefined : BY_STATUS[status];
  if (known !== undefined) return new Problem(known[0], known[1], { cause: thrown });
  return new Problem(
    'http.internal',
    'An unexpected error occurred. If it comes back, tell support the requestId of this answer.',
    { cause: thrown },
  );
}

/** Postgres away: no hanging, no 500; the caller tries again and the house recovers alone. */
function unavailable(cause: unknown): Problem {
  const detail =
    cause instanceof DatabaseAway && cause.commitUnknown
      ? 'The database went away in the last moment: nobody knows whether this took effect. Send the same request again, with its Idempotency-Key or externalId.'
      : 'The database does not answer at the moment. Try again in a few seconds.';
  return new Problem('http.unavailable', detail, { headers: retryAfter(AWAY_RETRY_SECONDS), cause });
}

/** Waited too long, or lost a race with another transaction: trying again helps here as well. */
const TRY_AGAIN = new Set(['57014', '55P03', '40001', '40P01']);

function awayProblem(thrown: unknown): Problem | null {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth += 1) {
    const isAway = error instanceof DatabaseAway || awayReason(error) !== undefined;
    if (isAway || TRY_AGAIN.has(sqlState(error) ?? '')) return unavailable(error);
  }
  return null;
}

function statusOfThrown(thrown: unknown): number | null {
  if (thrown instanceof HttpException) return thrown.getStatus();
  if (!(thrown instanceof Error) || thrown.name !== 'FastifyError') return null;
  return 'statusCode' in thrown && typeof thrown.statusCode === 'number' ? thrown.statusCode : null;
}
