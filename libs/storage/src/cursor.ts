import { InvalidKey } from './errors.ts';
import type { Listed, Page } from './object-store.ts';

/** Most lines of one page: the limit of S3. */
export const LARGEST_PAGE = 1_000;

/** The key after which a page begins; empty for the first page. @throws InvalidKey for a cursor that is not ours. */
export function keyOfCursor(cursor: string | null | undefined): string {
  if (cursor === null || cursor === undefined) return '';
  const key = Buffer.from(cursor, 'base64url').toString();
  if (key === '' || cursorOf(key) !== cursor)
    throw new InvalidKey('The cursor of a listing is none that was given out.');
  return key;
}

/** A page of what was found; `more` tells whether something follows. */
export function pageOf(objects: readonly Listed[], more: boolean): Page {
  const last = objects.at(-1);
  return { objects, cursor: more && last !== undefined ? cursorOf(last.key) : null };
}

function cursorOf(key: string): string {
  return Buffer.from(key).toString('base64url');
}

/** @throws InvalidKey */
export function checkLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_PAGE)
    throw new InvalidKey(`The limit of a listing must be a whole number from 1 to ${LARGEST_PAGE}.`);
}
