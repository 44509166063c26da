import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { decodeCursor, encodeCursor, page, pageQuery } from './cursor.ts';

const query = z.strictObject(pageQuery);

describe('cursors of lists', () => {
  it('reads back every cursor that it wrote', () => {
    fc.assert(fc.property(fc.uuid(), (id) => expect(decodeCursor(encodeCursor(id))).toBe(id)));
  });

  it('reads nothing from a text that it did not write', () => {
    const made = encodeCursor('019a0000-0000-7000-8000-000000000001');
    for (const text of ['', 'x', '!!', `${made}A`, `${made}=`, made.slice(1)]) expect(decodeCursor(text)).toBeNull();
  });

  it('tells that there is more only when a row beyond the limit came', () => {
    const rows = [1, 2, 3].map((n) => ({ id: `019a0000-0000-7000-8000-00000000000${n}` }));
    expect(page(rows, 2)).toEqual({ items: rows.slice(0, 2), nextCursor: encodeCursor(rows[1]!.id) });
    expect(page(rows, 3)).toEqual({ items: rows, nextCursor: null });
    expect(page([], 3)).toEqual({ items: [], nextCursor: null });
  });

  it('takes limits from 1 to 200 and 50 by default', () => {
    expect(query.parse({}).limit).toBe(50);
    expect(query.parse({ limit: '200' }).limit).toBe(200);
    for (const limit of ['0', '201', '-1', '1.5', 'x', '']) expect(query.safeParse({ limit }).success).toBe(false);
  });
});
