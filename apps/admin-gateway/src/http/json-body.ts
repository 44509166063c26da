import { jsonbTextBytes, MAX_JSONB_BYTES } from './jsonb-size.ts';
import { Problem } from './problem.ts';
import { refuseUnstorable } from './storable.ts';

/**
 * Reads a request body as JSON in UTF-8.
 *
 * Refused here, once for every route, is what JSON allows but the house cannot keep: U+0000 and half surrogate pairs
 * (Postgres' jsonb refuses both), a key `__proto__`, nesting over 32 levels, and more than the ledger takes.
 *
 * @returns the value, or undefined for an empty body.
 * @throws Problem 400 when it is no JSON, 413 when it is too large, 422 for text that cannot be stored.
 */
export function parseJsonBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  const value = parse(decode(bytes));
  refuseUnstorable(value);
  if (jsonbTextBytes(value) > MAX_JSONB_BYTES) {
    throw new Problem(
      'http.too-large',
      `The body is over ${MAX_JSONB_BYTES} bytes. Keep what is large in object storage.`,
    );
  }
  return value;
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Problem('http.malformed', 'The body is not UTF-8. Send JSON in UTF-8.', { cause });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new Problem('http.malformed', `The body is not JSON${placeOf(cause, text)}. Send one JSON value.`, {
      cause,
    });
  }
}

/** V8 echoes a piece of the body in its message; only the place is passed on. */
function placeOf(error: unknown, text: string): string {
  const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  if (position === undefined) return '';
  const before = text.slice(0, Number(position)).split('\n');
  return ` (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`;
}
