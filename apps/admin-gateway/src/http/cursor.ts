import { z } from 'zod';

/** Lists answer at most this many items at once. */
export const MAX_LIMIT = 200;
const DEFAULT_LIMIT = 50;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** `?limit=` and `?cursor=` of every list. The cursor is opaque to callers: it names the last row of the page before. */
export const pageQuery = {
  limit: z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.int().min(1).max(MAX_LIMIT))
    .default(DEFAULT_LIMIT)
    .describe(`How many items at most (1 to ${MAX_LIMIT})`),
  cursor: z
    .string()
    .transform((text, context) => {
      const id = decodeCursor(text);
      if (id !== null) return id;
      context.addIssue({ code: 'custom', message: 'is no cursor of this list; leave it out to start anew' });
      return z.NEVER;
    })
    .optional()
    .describe('nextCursor of the page before'),
};

/** A list as it is answered; `nextCursor` is null on the last page. */
export function pageOf<T extends z.ZodType>(
  item: T,
): z.ZodObject<{ items: z.ZodArray<T>; nextCursor: z.ZodNullable<z.ZodString> }> {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** Cuts rows that were asked for with one more than `limit` into a page. */
export function page<T extends { readonly id: string }>(
  rows: readonly T[],
  limit: number,
): { items: T[]; nextCursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last !== undefined ? encodeCursor(last.id) : null };
}

/** Opaque text for the row's id. */
export function encodeCursor(id: string): string {
  return Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
}

/** The row's id, or null when the text was not made by {@link encodeCursor}. */
export function decodeCursor(text: string): string | null {
  const hex = Buffer.from(text, 'base64url').toString('hex');
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return UUID.test(id) && encodeCursor(id) === text ? id : null;
}
