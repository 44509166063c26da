import { InvalidKey } from './errors.ts';
import type { PutOptions } from './object-store.ts';

/** Metadata under these names belongs to the drivers. */
export const OWN_METADATA = 'nexora-';

/** S3 allows 2 KB; what a driver adds needs room too. */
const MOST_BYTES = 1_500;
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
const MEDIA_TYPE = /^[\w.+-]+\/[\w.+-]+(?:; ?[\w.+-]+=(?:[\w.+-]+|"[\w .+-]*"))*$/;
const SHA256 = /^[0-9a-f]{64}$/;
/** Stands for the empty text: no encoding gives it. */
const EMPTY = '%';
/** Text that a header carries unchanged: printable ASCII, single spaces inside, no escape sign. */
const PLAIN = /^[!-$&-~]+(?: [!-$&-~]+)*$/;

/**
 * Judges what comes with a body: a media type, a SHA-256 in lower-case hexadecimal digits, metadata.
 * @throws InvalidKey
 */
export function checkPutOptions(options: PutOptions): void {
  const { contentType, sha256, metadata = {} } = options;
  if (contentType.length > 200 || !MEDIA_TYPE.test(contentType))
    throw new InvalidKey('The content type must be a media type such as application/xml.');
  if (sha256 !== undefined && !SHA256.test(sha256))
    throw new InvalidKey('The announced SHA-256 must be 64 lower-case hexadecimal digits.');
  checkMetadata(metadata);
}

/**
 * Names are 1 to 64 of `a-z 0-9 -`, not beginning with `nexora-`; values are any text; names and
 * values, encoded as for a header, take at most 1,500 bytes together.
 * @throws InvalidKey which names the name, never the value.
 */
function checkMetadata(metadata: Readonly<Record<string, string>>): void {
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata)) {
    if (!NAME.test(name) || name.startsWith(OWN_METADATA))
      throw new InvalidKey('A name of metadata must be of a-z, 0-9 and -, and not begin with nexora-.');
    if (!value.isWellFormed()) throw new InvalidKey(`Metadata ${name} is no valid Unicode text.`);
    bytes += name.length + encodeValue(value).length;
  }
  if (bytes > MOST_BYTES) throw new InvalidKey(`The metadata is over ${MOST_BYTES} bytes.`);
}

/** A value as a header carries it: as it is when plain, else percent-encoded UTF-8. Headers without a value get lost. */
export function encodeValue(value: string): string {
  if (value === '') return EMPTY;
  return PLAIN.test(value) ? value : encodeURIComponent(value);
}

/** The value behind a header; what another program wrote in a way of its own comes as it is. */
export function decodeValue(header: string): string {
  if (header === EMPTY) return '';
  try {
    return decodeURIComponent(header);
  } catch {
    return header; // a bare % by another program
  }
}

/** Whether two sets of metadata say the same. */
export function sameMetadata(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
