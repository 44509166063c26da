import type { IncomingMessage } from 'node:http';
import { readBody } from './body.ts';
import { BadInput, isRecord } from './guards.ts';

/** JSON object in the body of a call of the control port. Errors: BadInput. */
export async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const text = (await readBody(request)).toString('utf8');
  try {
    const value = JSON.parse(text) as unknown;
    if (isRecord(value)) return value;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw new BadInput('The body must be a JSON object');
}

/** What to do to the line. Errors: BadInput. */
export function lineActionIn({ internet }: Record<string, unknown>): 'cut' | 'restore' {
  if (internet === 'cut' || internet === 'restore') return internet;
  throw new BadInput('The body must be {"internet":"cut"} or {"internet":"restore"}');
}

/** How many requests a misbehaviour meets; null: until it is taken back. Errors: BadInput. */
export function timesIn({ times }: Record<string, unknown>): number | null {
  if (times === undefined || times === null) return null;
  if (typeof times === 'number' && Number.isInteger(times) && times > 0) return times;
  throw new BadInput('times must be a whole number above 0, or left out');
}

/** The word of a misbehaviour. Errors: BadInput. */
export function wordIn({ misbehaviour }: Record<string, unknown>): string {
  if (typeof misbehaviour === 'string') return misbehaviour;
  throw new BadInput('The body must be {"misbehaviour":"<word>","times":<n>}');
}

/** Three centuries: beyond some thousand years a time cannot be written any more. */
const largestOffset = 10_000_000_000;

/** Seconds by which the clock is off. Errors: BadInput. */
export function offsetIn({ offsetSeconds }: Record<string, unknown>): number {
  if (typeof offsetSeconds === 'number' && Math.abs(offsetSeconds) <= largestOffset) return offsetSeconds;
  throw new BadInput(`The body must be {"offsetSeconds":<number up to ${largestOffset}>}`);
}
