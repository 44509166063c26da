import type { IncomingMessage } from 'node:http';

/** A comprobante of 10,000 concepts has a few megabytes. */
const largest = 20 * 1024 * 1024;

/** Thrown when a body is larger than anything that the service takes. */
export class BodyTooLarge extends Error {
  constructor(limit: number) {
    super(`The body is larger than ${limit} bytes`);
    this.name = 'BodyTooLarge';
  }
}

/**
 * Reads the whole body, also one larger than `limit` (bytes), of which nothing is kept: who still sends hears no answer.
 * Errors: BodyTooLarge; whatever the socket says when the caller goes away.
 */
export async function readBody(request: IncomingMessage, limit = largest): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size <= limit) chunks.push(bytes);
    else chunks.length = 0;
  }
  if (size > limit) throw new BodyTooLarge(limit);
  return Buffer.concat(chunks);
}
