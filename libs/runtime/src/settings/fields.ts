import { z } from 'zod';

/** Yes or no: `true/false`, `1/0`, `yes/no`, `on/off`, in any case. */
export function flag() {
  return z.stringbool({ truthy: ['true', '1', 'yes', 'on'], falsy: ['false', '0', 'no', 'off'] });
}

/** A whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number) {
  return z.coerce.number().int().min(min).max(max);
}

/** One of the given words, in any case (`INFO` is `info`). */
export function oneOf<const T extends readonly [string, ...string[]]>(words: T) {
  return z.preprocess((text) => (typeof text === 'string' ? text.toLowerCase() : text), z.enum(words));
}

/** A list of texts between commas; empty parts are left out. */
export function commaList() {
  return z.string().transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  );
}

/** An address with one of the given schemes, for instance `['http', 'https']`. The text is kept as it came. */
export function address(schemes: readonly string[]) {
  return z.string().refine((text) => schemes.includes(schemeOf(text)), {
    error: `must be an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  });
}

/**
 * A Postgres URL. A driver suffix as SQLAlchemy writes it (`postgresql+psycopg2://`) is taken off.
 * Characters with a meaning in URLs (`@ : / # ?`) must be percent-encoded in user and password.
 */
export function postgresUrl() {
  return z
    .string()
    .transform((text) => text.trim().replace(/^(postgres(?:ql)?)\+[a-z0-9_]+:\/\//i, '$1://'))
    .refine((text) => ['postgres', 'postgresql'].includes(schemeOf(text)) && databaseOf(text) !== '', {
      error:
        'must be an address like postgresql://user:password@host:5432/database, with special characters of the password percent-encoded',
    });
}

function schemeOf(text: string): string {
  return URL.parse(text)?.protocol.slice(0, -1) ?? '';
}

/** The name of the database; empty when the text cannot be trusted: an `@` or `#` that was left in the password. */
function databaseOf(text: string): string {
  const url = URL.parse(text);
  return url === null || url.hash !== '' || url.pathname.includes('@') ? '' : url.pathname.slice(1);
}
