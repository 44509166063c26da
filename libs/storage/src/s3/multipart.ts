import { setTimeout as delay } from 'node:timers/promises';
import { Meter } from '../checksum.ts';
import { InvalidKey, StorageAway, WrongChecksum } from '../errors.ts';
import type { CallOptions } from '../object-store.ts';
import type { Bucket, Part } from './bucket.ts';
import { MOST_PARTS, type BodyPart } from './parts.ts';

/** A large body whose SHA-256 was announced before its first byte. */
export interface LargeBody {
  readonly sha256: string;
  /** The parts from the first to the last. @throws StorageAway when they cannot be had a second time. */
  readonly parts: () => AsyncIterable<BodyPart>;
}

/** Headers of the request that begins the upload, and of the one that makes it an object. */
export interface UploadHeaders {
  readonly begin: Readonly<Record<string, string>>;
  readonly complete: Readonly<Record<string, string>>;
}

/** Waits before a part is sent again. An uplink that fails for a moment must not cost the whole upload. */
const PAUSES_MS = [250, 1_500];

/**
 * Uploads a body in parts, one after the other: its own upload always, never the rest of another one (the client's
 * `putObject` goes on with an upload that it finds under the key, even one that another process is at). Nothing can be
 * seen of it before the last request, and what fails is given up on the server too. Answers size and etag.
 * @throws WrongChecksum before the last request.
 */
export async function uploadInParts(
  bucket: Bucket,
  key: string,
  body: LargeBody,
  call: CallOptions & { readonly headers: UploadHeaders },
): Promise<{ readonly size: number; readonly etag: string }> {
  const upload = await bucket.begin(key, call.headers.begin, call);
  try {
    const meter = new Meter();
    const parts: Part[] = [];
    for await (const { bytes } of body.parts()) {
      meter.add(bytes);
      parts.push(await sendPart(bucket, { key, upload, number: parts.length + 1, bytes }, call));
    }
    const { size, sha256 } = meter.read();
    if (sha256 !== body.sha256) throw new WrongChecksum(key);
    const etag = await bucket.complete(key, upload, parts, { ...call, headers: call.headers.complete });
    return { size, etag };
  } catch (error) {
    // Best effort: the error that matters is the first one, and servers clear forgotten uploads by their own rules.
    await bucket.abort(key, upload).catch(() => undefined);
    throw error instanceof StorageAway ? begun(error) : error;
  }
}

interface Sending {
  readonly key: string;
  readonly upload: string;
  readonly number: number;
  readonly bytes: Buffer;
}

async function sendPart(bucket: Bucket, { key, upload, number, bytes }: Sending, call: CallOptions): Promise<Part> {
  if (number > MOST_PARTS) throw new InvalidKey('The body is larger than an S3 upload in parts can be.');
  for (const pause of PAUSES_MS) {
    try {
      return await bucket.part(key, upload, number, bytes, call);
    } catch (error) {
      if (!(bucket.fault(error) instanceof StorageAway)) throw error;
      await delay(pause, undefined, { signal: call.signal });
    }
  }
  return bucket.part(key, upload, number, bytes, call);
}

/** Part of the body has reached the server already. */
function begun(error: StorageAway): StorageAway {
  return new StorageAway(error.message, { beforeFirstByte: false, cause: error.cause });
}
