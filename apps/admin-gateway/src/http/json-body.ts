import { jsonbTextBytes, MAX_JSONB_BYTES } from './jsonb-size.ts';
import { Problem } from './problem.ts';
import { refuseUnstorable } from './storable.ts';

/**
 * Reads a request body as JSON in UTF-8.
 *
 * Refused here, once for every route, is what JSON allows but the house cannot keep: U+0000 and half surrogate pairs
 * (Postgres' jsonb refuses both), a key `__proto__`, nesting over 32 levels, and more than the ledger takes.
 *
 * @param largest bytes of a body without lines, as the ledger counts them.
 * @returns the value, or undefined for an empty body.
 * @throws Problem 400 when it is no JSON, 413 when it is too large, 422 for text that cannot be stored.
 */
export function parseJsonBody(bytes: Buffer, largest = MAX_JSONB_BYTES): unknown {
  if (bytes.length === 0) return undefined;
  refuseCrowd(bytes);
  const value = parse(decode(bytes));
  refuseUnstorable(value);
  const most = largest + Math.max(0, linesOf(value) - USUAL_LINES) * BYTES_PER_LINE;
  if (jsonbTextBytes(value) > most) {
    throw new Problem('http.too-large', `The body is over ${most} bytes. Keep what is large in object storage.`);
  }
  return value;
}

/** A comprobante may have thousands of lines; so many have room in what any body may have, and each of the others here. */
const USUAL_LINES = 60;
const BYTES_PER_LINE = 4_096;

/** Lines of a document: its conceptos, and the invoices that its payments pay. */
function linesOf(value: unknown): number {
  const payments = itemsIn(value, 'pagos');
  const paid = payments.reduce<number>((sum, payment) => sum + itemsIn(payment, 'doctosRelacionados').length, 0);
  return itemsIn(value, 'conceptos').length + payments.length + paid;
}

function itemsIn(value: unknown, list: string): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const items: unknown = Reflect.get(value, list);
  return Array.isArray(items) ? items : [];
}

/** Values that a body may hold: the largest comprobante has half as many. Small ones take many times their bytes once read. */
const MOST_VALUES = 400_000;
const COMMA = 0x2c;

/** Counts before anything is read: a few megabytes of `{},{},…` would fill the memory of the process. */
function refuseCrowd(bytes: Buffer): void {
  let commas = 0;
  for (let at = bytes.indexOf(COMMA); at >= 0; at = bytes.indexOf(COMMA, at + 1)) commas += 1;
  if (commas >= MOST_VALUES) throw new Problem('http.too-large', `The body holds more than ${MOST_VALUES} values.`);
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
