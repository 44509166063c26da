import type { Readable } from 'node:stream';
import { piecesOf } from '../body.ts';

/** Bytes of one request; S3 wants at least 5 MiB in every part but the last. Memory holds about two of them. */
export const PART_BYTES = 8 * 1024 * 1024;
/** Most parts that S3 takes: with `PART_BYTES` an object of 78 GiB. */
export const MOST_PARTS = 10_000;

/** A part of a body; the last one may be shorter, and is empty for an empty body. */
export interface BodyPart {
  readonly bytes: Buffer;
  readonly last: boolean;
}

/** A body in parts of `PART_BYTES`. A part comes only once it is known whether another follows. */
export async function* partsOf(body: Buffer | Readable, signal?: AbortSignal): AsyncGenerator<BodyPart, void> {
  let held: Buffer[] = [];
  let size = 0;
  for await (const piece of piecesOf(body, signal)) {
    held.push(piece);
    size += piece.length;
    while (size > PART_BYTES) {
      const all = joined(held);
      yield { bytes: all.subarray(0, PART_BYTES), last: false };
      held = [all.subarray(PART_BYTES)];
      size -= PART_BYTES;
    }
  }
  yield { bytes: joined(held), last: true };
}

function joined(pieces: readonly Buffer[]): Buffer {
  const [first] = pieces;
  return pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces);
}
