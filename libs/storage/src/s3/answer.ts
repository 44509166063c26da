import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

const LONGEST_ANSWER = 64 * 1024;

/** What an S3 server answered when it did not do what was asked. Its own sentences are left out: they repeat key ids. */
export class S3Answer extends Error {
  readonly status: number;
  /** S3 error code such as `NoSuchKey`; empty when the answer names none (an answer to HEAD, a proxy). */
  readonly code: string;
  /** The region that the server expects, when it says so. */
  readonly region: string | null;

  constructor(status: number, code: string, region: string | null) {
    super(`HTTP ${status}${code === '' ? '' : ` ${code}`}`);
    this.name = 'S3Answer';
    this.status = status;
    this.code = code;
    this.region = region;
  }
}

/** Reads the refusal out of a response. A body that breaks off or is no XML only costs the code. */
export async function answerOf(response: IncomingMessage): Promise<S3Answer> {
  const text = await startOf(response);
  const header: string | string[] | undefined = response.headers['x-amz-bucket-region'];
  const region = typeof header === 'string' ? header : elementOf(text, 'Region');
  const validRegion = region !== null && /^[a-z0-9-]{1,40}$/.test(region) ? region : null;
  return new S3Answer(response.statusCode ?? 0, elementOf(text, 'Code') ?? '', validRegion);
}

/** The refusal that S3 may hide in an answer with status 200, when the work took long; null when there is none. */
export function hiddenRefusal(status: number, text: string): S3Answer | null {
  return text.includes('<Error>') ? new S3Answer(status, elementOf(text, 'Code') ?? '', null) : null;
}

/** The text of the first element of this name, when it is short and plain. */
export function elementOf(text: string, name: string): string | null {
  return new RegExp(`<${name}>([^<>&]{1,1024})</${name}>`).exec(text)?.[1] ?? null;
}

/** A header that comes once. */
export function headerOf(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value : null;
}

async function startOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of response) {
      if (Buffer.isBuffer(piece)) pieces.push(piece);
      size += pieces.at(-1)?.length ?? 0;
      if (size > LONGEST_ANSWER) break;
    }
  } catch {
    return ''; // the status alone decides
  }
  return Buffer.concat(pieces).toString();
}

/** Whether the bucket has no such object. */
export function isMissing(error: unknown): error is S3Answer {
  return error instanceof S3Answer && error.status === 404 && ['NoSuchKey', 'NotFound', ''].includes(error.code);
}

/** Whether the server has no such bucket. */
export function isNoBucket(error: unknown): error is S3Answer {
  return error instanceof S3Answer && error.code === 'NoSuchBucket';
}
