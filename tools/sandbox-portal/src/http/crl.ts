import { createHash } from 'node:crypto';
import { forgedCrl } from '../forgery.ts';
import type { Vendor } from '../office/vendor.ts';
import type { Answer, Exchange } from './exchange.ts';

function tagOf(body: string): string {
  return `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;
}

/** Whether a header If-None-Match names this tag, weakly or not (RFC 9110, 13.1.2). */
function names(header: string | undefined, tag: string): boolean {
  const tags = (header ?? '').split(',').map((part) => part.trim().replace(/^W\//, ''));
  return tags.includes(tag) || tags.includes('*');
}

/** Answers `GET /v1/crl`: the revocation list with its ETag, or 304 to who has it. */
export async function crl({ request, parts }: Exchange, vendor: Vendor): Promise<Answer> {
  const body = await forgedCrl(vendor, parts);
  const tag = tagOf(body);
  const headers = { etag: tag, 'cache-control': 'no-cache' };
  const isKnown = names(request.headers['if-none-match'], tag);
  const type = 'application/json';
  if (isKnown) return { status: 304, type, body: '', headers, told: { outcome: 'not-modified' } };
  return { status: 200, type, body, headers, told: { outcome: 'crl' } };
}
