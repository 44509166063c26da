import type { Readable } from 'node:stream';
import { piecesOf } from '../body.ts';

/** Bytes of one request; S3 wants at least 5 MiB in every part but the last. Memory holds about two of them. */
export const PART_BYTES = 8 * 1024 * 1024;
/** Most parts that S3 takes: with `PART_BYTES` an object of 78 GiB. */
export const MOST_PARTS = 10_000;

/**
 * A part of a body; the last one may be shorter, and is empty for an empty body. Its bytes are only good until the next
 * part is asked for: all parts of a body share one buffer.
 */
export interface BodyPart {
  readonly bytes: Buffer;
  readonly last: boolean;
}

/** A body in parts of `PART_BYTES`. A part comes only once it is known whether another follows. */
export async function* partsOf(body: Buffer | Readable, signal?: AbortSignal): AsyncGenerator<BodyPart, void> {
  let held: Buffer[] = [];
  let size = 0;
  let shared: Buffer | null = null;
  for await (const piece of piecesOf(body, signal)) {
    held.push(piece);
    size += piece.length;
    while (size > PART_BYTES) {
      shared ??= Buffer.allocUnsafeSlow(PART_BYTES);
      held = moved(held, shared);
      size -= PART_BYTES;
      yield { bytes: shared, last: false };
    }
  }
  yield { bytes: held.length === 1 && held[0] !== undefined ? held[0] : Buffer.concat(held), last: true };
}

/** Fills a buffer from the pieces, which are more than it takes; answers what is left of them. */
function moved(pieces: readonly Buffer[], into: Buffer): Buffer[] {
  let at = 0;
  for (const [index, piece] of pieces.entries()) {
    const taken = piece.copy(into, at);
    at += taken;
    if (taken < piece.length) return [piece.subarray(taken), ...pieces.slice(index + 1)];
  }
  return [];
}
