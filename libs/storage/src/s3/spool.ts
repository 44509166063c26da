import { open, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Meter } from '../checksum.ts';
import { diskFault } from '../file/disk-faults.ts';
import { uniqueName } from '../file/durable.ts';
import { PART_BYTES, type BodyPart } from './parts.ts';

/**
 * A body kept on the disk for as long as its upload takes: S3 wants its SHA-256 before its first byte. The file has no
 * name any more once it is open, so that nothing is left of it even when the process is killed.
 */
export class Spool {
  readonly sha256: string;
  readonly #size: number;
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle, { sha256, size }: { sha256: string; size: number }) {
    this.#handle = handle;
    this.sha256 = sha256;
    this.#size = size;
  }

  /** Takes the body to its end. @throws StorageAway when the disk for temporary files is full. */
  static async of(parts: AsyncIterable<BodyPart>): Promise<Spool> {
    const handle = await onDisk(openUnnamed());
    try {
      const meter = new Meter();
      for await (const { bytes } of parts) {
        meter.add(bytes);
        await onDisk(handle.writeFile(bytes));
      }
      return new Spool(handle, meter.read());
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** The body again, in parts, of which each is good until the next is asked for. */
  async *parts(): AsyncGenerator<BodyPart> {
    const shared = Buffer.allocUnsafeSlow(Math.min(PART_BYTES, this.#size));
    for (let position = 0; position < this.#size; position += PART_BYTES) {
      const length = Math.min(PART_BYTES, this.#size - position);
      yield {
        bytes: await onDisk(this.#fill(shared.subarray(0, length), position)),
        last: position + length === this.#size,
      };
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  async #fill(bytes: Buffer, position: number): Promise<Buffer> {
    for (let done = 0; done < bytes.length;) {
      const { bytesRead } = await this.#handle.read(bytes, done, bytes.length - done, position + done);
      if (bytesRead === 0) throw Object.assign(new Error('the temporary file is too short'), { code: 'EIO' });
      done += bytesRead;
    }
    return bytes;
  }
}

async function openUnnamed(): Promise<FileHandle> {
  const path = join(tmpdir(), `nexora-upload-${uniqueName()}`);
  const handle = await open(path, 'wx+', 0o600);
  await unlink(path);
  return handle;
}

async function onDisk<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw diskFault(error, tmpdir());
  }
}
