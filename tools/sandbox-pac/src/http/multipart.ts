const lineEnd = Buffer.from('\r\n');
const headEnd = Buffer.from('\r\n\r\n');

function boundaryOf(contentType: string): Buffer | undefined {
  const match = /^multipart\/form-data\s*;.*?boundary=(?:"([^"]+)"|([^;\s]+))/is.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  return boundary === undefined ? undefined : Buffer.from(`--${boundary}`);
}

function nameIn(head: string): string | undefined {
  const match = /content-disposition\s*:\s*form-data\b[^\r\n]*?[;\s]name=(?:"([^"]*)"|([^;\s]+))/i.exec(head);
  return match?.[1] ?? match?.[2];
}

/**
 * Bytes of the form field `name` (RFC 7578), exactly as sent; undefined when the body has no such field or is cut short.
 */
export function formField(body: Buffer, contentType: string, name: string): Buffer | undefined {
  const boundary = boundaryOf(contentType);
  if (boundary === undefined) return undefined;
  const separator = Buffer.concat([lineEnd, boundary]);
  let at = body.indexOf(boundary);
  while (at >= 0) {
    const head = body.indexOf(headEnd, at);
    const end = head < 0 ? -1 : body.indexOf(separator, head + headEnd.length - lineEnd.length);
    if (end < 0) return undefined;
    const start = head + headEnd.length;
    if (nameIn(body.toString('latin1', at, start)) === name) return body.subarray(start, Math.max(start, end));
    at = end + lineEnd.length;
  }
  return undefined;
}
