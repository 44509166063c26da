import { InvalidKey } from './errors.ts';

/** Limit of S3, in bytes of UTF-8. */
const LONGEST_KEY = 1_024;
/** Limit of every usual file system, in bytes of UTF-8. */
const LONGEST_SEGMENT = 255;
/** Top folder in which the directory driver keeps what belongs to it. */
export const RESERVED_FOLDER = '.nexora';

// Control characters, the backslash, and what XML listings cannot carry.
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\\\ufffe\uffff]/u;

/**
 * A key is a path of segments between single slashes, the same for every driver: at most 1,024 bytes, 255 per segment,
 * no `.` or `..`, no control character or backslash, Unicode in its composed form (NFC) so that what looks equal is
 * equal. The top folder `.nexora` is reserved.
 * @throws InvalidKey which says what is wrong, without the key.
 */
export function checkKey(key: string): void {
  const fault = faultOf(key);
  if (fault !== null) throw new InvalidKey(`The key of an object ${fault}.`);
}

/** Whether a name found in a store could have been put by us. */
export function isKey(key: string): boolean {
  return faultOf(key) === null;
}

/** @throws InvalidKey for a prefix with which no key could begin because of its characters. */
export function checkPrefix(prefix: string): void {
  const fault = prefix === '' ? null : faultOfText(prefix);
  if (fault !== null) throw new InvalidKey(`The prefix of a listing ${fault}.`);
}

function faultOf(key: string): string | null {
  if (key === '') return 'is empty';
  return faultOfText(key) ?? faultOfSegments(key.split('/'));
}

function faultOfText(text: string): string | null {
  if (!text.isWellFormed()) return 'is no valid Unicode text';
  if (Buffer.byteLength(text) > LONGEST_KEY) return `is longer than ${LONGEST_KEY} bytes`;
  if (FORBIDDEN.test(text)) return 'holds a control character or a backslash';
  return text === text.normalize('NFC') ? null : 'is not in Unicode’s composed form (NFC)';
}

function faultOfSegments(segments: readonly string[]): string | null {
  if (segments.includes('')) return 'begins or ends with a slash, or has two in a row';
  if (segments.includes('.') || segments.includes('..')) return 'has a segment "." or ".."';
  if (segments[0] === RESERVED_FOLDER) return `begins with the reserved folder ${RESERVED_FOLDER}`;
  return segments.some((segment) => Buffer.byteLength(segment) > LONGEST_SEGMENT)
    ? `has a segment longer than ${LONGEST_SEGMENT} bytes`
    : null;
}
