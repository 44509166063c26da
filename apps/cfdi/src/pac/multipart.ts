import { randomBytes } from 'node:crypto';

/** A form with one file, as bytes: `fetch` streams a `FormData`, and an abort amid the stream throws past everybody. */
export function oneFile(
  field: string,
  filename: string,
  type: string,
  bytes: Buffer,
): { type: string; body: Uint8Array<ArrayBuffer> } {
  const boundary = `nexora-${randomBytes(16).toString('hex')}`;
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="${filename}"\r\nContent-Type: ${type}\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return { type: `multipart/form-data; boundary=${boundary}`, body: new Uint8Array(body) };
}
