import { leftNothing } from '@nexora/connectivity';
import type { Unknown, Unsent } from './answer-kinds.ts';

/** An HTTP answer, read to its end. */
export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** What went wrong on the way of a request. */
export interface HttpFailure {
  /** True when certainly no byte of the request left. */
  readonly early: boolean;
  /** A short word for history and log. */
  readonly code: string;
}

/** Most that is read of an answer: ten times a stamped comprobante of ten thousand lines. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Sends a request and reads the whole answer; answers the failure instead of throwing it. */
export async function exchange(url: string, init: RequestInit): Promise<HttpAnswer | HttpFailure> {
  try {
    const response = await fetch(url, { ...init, redirect: 'error' });
    return { status: response.status, text: await textOf(response), headers: response.headers };
  } catch (error) {
    return { early: leftNothing(error), code: codeOf(error) };
  }
}

async function textOf(response: Response): Promise<string> {
  const length = Number(response.headers.get('content-length') ?? 0);
  if (length > MOST_BYTES) throw new RangeError('The answer is too long.');
  return response.text();
}

/** A short word for a failure: the system's code where it has one. Told by shape, since not all of these are `Error`s. */
function codeOf(error: unknown): string {
  let one = error;
  for (let depth = 0; depth < 8 && typeof one === 'object' && one !== null; depth += 1) {
    const { name, code, cause }: { name?: unknown; code?: unknown; cause?: unknown } = one;
    if (name === 'TimeoutError') return 'timeout';
    if (name === 'AbortError') return 'aborted';
    if (typeof code === 'string') return code;
    one = cause;
  }
  return 'failed';
}

/** Whether the exchange failed before there was a whole answer. */
export function isFailure(result: HttpAnswer | HttpFailure): result is HttpFailure {
  return 'early' in result;
}

/** The PAC's clock minus ours by its Date header, in milliseconds; `undefined` without one. */
export function skewOf(headers: Headers, now: Date): number | undefined {
  const shown = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(shown) ? undefined : shown - now.getTime();
}

/** The wait that a Retry-After header asks for, in milliseconds, at most an hour; `undefined` without one. */
export function retryAfterOf(headers: Headers, now: Date): number | undefined {
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  const seconds = Number(text);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(text) - now.getTime();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), 3_600_000);
}

/** A PAC's own words are shown, in reasonable length. */
const HARMLESS_LENGTH = 500;

/** A PAC's own words, joined and cut to a reasonable length; a secret that it repeats is left out. */
export function harmless(said: readonly string[], secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret.length >= SHORTEST_SECRET);
  const text = said.filter((part) => part !== '').join(' ');
  return known.reduce((left, secret) => left.replaceAll(secret, '…'), text).slice(0, HARMLESS_LENGTH);
}

/** A shorter one would stand in half of all sentences. */
const SHORTEST_SECRET = 4;

/** The verdict over a request that got no whole answer. */
export function unanswered({ early, code }: HttpFailure): Unsent | Unknown {
  return early
    ? { kind: 'unsent', offline: true, code, message: 'No hay conexión con el PAC.' }
    : { kind: 'unknown', code, message: 'El PAC no respondió.' };
}

/** The JSON that an answer is; `undefined` for HTML of a router or half an answer, which is judged as no answer at all. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
