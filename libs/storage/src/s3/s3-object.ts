import type { IncomingHttpHeaders } from 'node:http';
import { decodeValue, encodeValue, OWN_METADATA } from '../metadata.ts';
import type { PutOptions, StoredObject } from '../object-store.ts';
import { headerOf } from './answer.ts';

const META = 'x-amz-meta-';
const CHECKSUM = `${META}${OWN_METADATA}sha256`;

/** Headers of an upload: what the object is, and the SHA-256 against which its bytes are checked when read. */
export function headersOf(sha256: string, { contentType, metadata = {} }: PutOptions): Record<string, string> {
  const own = Object.entries(metadata).map(([name, value]) => [META + name, encodeValue(value)] as const);
  return { 'content-type': contentType, [CHECKSUM]: sha256, ...Object.fromEntries(own) };
}

/** The object that an answer to HEAD or GET describes; null when no S3 server can have answered so. */
export function objectOf(key: string, headers: IncomingHttpHeaders): StoredObject | null {
  const size = Number(headerOf(headers, 'content-length') ?? Number.NaN);
  const etag = etagOf(headers);
  if (!Number.isSafeInteger(size) || etag === null) return null;
  const sha256 = headerOf(headers, CHECKSUM);
  return {
    key,
    size,
    sha256: sha256 !== null && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : null,
    etag,
    contentType: headerOf(headers, 'content-type') ?? 'application/octet-stream',
    metadata: metadataOf(headers),
    modifiedAt: new Date(headerOf(headers, 'last-modified') ?? Number.NaN),
  };
}

/** The etag without its quotes; null when there is none. */
export function etagOf(headers: IncomingHttpHeaders): string | null {
  const etag = headerOf(headers, 'etag')?.replaceAll('"', '') ?? '';
  return etag === '' ? null : etag;
}

function metadataOf(headers: IncomingHttpHeaders): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith(META) || name.startsWith(META + OWN_METADATA) || typeof value !== 'string') continue;
    metadata[name.slice(META.length)] = decodeValue(value);
  }
  return metadata;
}
