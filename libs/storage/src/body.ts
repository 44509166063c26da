import type { Readable } from 'node:stream';
import { InvalidKey } from './errors.ts';

/** A body that failed by itself, to be told from a store that failed. The callers of the store get the cause. */
export class SourceFailed extends Error {
  constructor(cause: unknown) {
    super('The source of the body failed.', { cause });
    this.name = 'SourceFailed';
  }
}

/**
 * The bytes of a body piece by piece. The stream is destroyed when the reader stops early or the signal tells so.
 * @throws SourceFailed when the stream fails or closes before its end.
 */
export async function* piecesOf(body: Buffer | Readable, signal?: AbortSignal): AsyncGenerator<Buffer, void> {
  if (Buffer.isBuffer(body)) {
    yield body;
    return;
  }
  const giveUp = () => body.destroy();
  signal?.addEventListener('abort', giveUp);
  try {
    for await (const piece of body) yield bytesOf(piece);
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof InvalidKey ? error : new SourceFailed(error);
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
}

function bytesOf(piece: unknown): Buffer {
  if (Buffer.isBuffer(piece)) return piece;
  if (typeof piece === 'string') return Buffer.from(piece);
  if (piece instanceof Uint8Array) return Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
  throw new InvalidKey('The stream of a body must give bytes.');
}
