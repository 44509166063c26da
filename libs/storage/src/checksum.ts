import { createHash } from 'node:crypto';
import { Transform, type Readable, type TransformCallback } from 'node:stream';

/** SHA-256 in lower-case hexadecimal digits. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Length and SHA-256 of what goes past. */
export class Meter {
  readonly #hash = createHash('sha256');
  #size = 0;

  add(piece: Uint8Array): void {
    this.#hash.update(piece);
    this.#size += piece.byteLength;
  }

  /** To be called once, after the last piece. */
  read(): { readonly size: number; readonly sha256: string } {
    return { size: this.#size, sha256: this.#hash.digest('hex') };
  }
}

/** What a body must turn out to be; a null checksum is not checked. */
export interface Expected {
  readonly size: number;
  readonly sha256: string | null;
}

/** How errors of a checked stream are worded. */
export interface StreamErrors {
  /** The bytes are not the right ones. */
  readonly damaged: () => Error;
  /** The source failed. */
  readonly broken: (cause: unknown) => Error;
}

/**
 * The same bytes, ending well only when all are there and right. The last piece is held back until that is known, so
 * that a reader who only counts bytes cannot take a damaged body for a whole one.
 */
export function verified(source: Readable, expected: Expected, errors: StreamErrors): Readable {
  const meter = new Meter();
  let held: Buffer | null = null;
  const checked = new Transform({
    transform(piece: Buffer, _encoding, done: TransformCallback) {
      meter.add(piece);
      const ready = held;
      held = piece;
      done(null, ready);
    },
    flush(done: TransformCallback) {
      if (matches(meter, expected)) done(null, held);
      else done(errors.damaged());
    },
    destroy(error, done) {
      source.destroy();
      done(error);
    },
  });
  source.once('error', (error) => checked.destroy(errors.broken(error)));
  source.once('close', () => {
    if (!source.readableEnded) checked.destroy(errors.broken(new Error('the source closed before its end')));
  });
  return source.pipe(checked);
}

function matches(meter: Meter, expected: Expected): boolean {
  const { size, sha256 } = meter.read();
  return size === expected.size && (expected.sha256 === null || sha256 === expected.sha256);
}
