import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { sha256Of, verified } from './checksum.ts';

const bytes = Buffer.from('0123456789');
const errors = { damaged: () => new Error('damaged'), broken: (cause: unknown) => new Error('broken', { cause }) };
const read = async (source: Readable, size: number, sha256: string | null) => {
  const taken: Buffer[] = [];
  try {
    for await (const piece of verified(source, { size, sha256 }, errors)) taken.push(piece as Buffer);
    return { bytes: Buffer.concat(taken).toString(), fault: null };
  } catch (error) {
    return { bytes: Buffer.concat(taken).toString(), fault: (error as Error).message };
  }
};
const pieces = () => Readable.from([bytes.subarray(0, 4), bytes.subarray(4, 7), bytes.subarray(7)]);

describe('a checked stream', () => {
  it('gives the bytes when they are right', async () => {
    expect(await read(pieces(), 10, sha256Of(bytes))).toEqual({ bytes: '0123456789', fault: null });
    expect(await read(pieces(), 10, null)).toEqual({ bytes: '0123456789', fault: null });
    expect(await read(Readable.from([]), 0, sha256Of(Buffer.alloc(0)))).toEqual({ bytes: '', fault: null });
  });

  it('keeps the last piece back when they are wrong', async () => {
    for (const wrong of [await read(pieces(), 10, 'a'.repeat(64)), await read(pieces(), 11, null)]) {
      expect(wrong.fault).toBe('damaged');
      expect('0123456').toContain(wrong.bytes);
    }
  });

  it('fails when the source fails or closes early', async () => {
    const failing = new Readable({ read: () => undefined });
    failing.push(bytes);
    setImmediate(() => failing.destroy(new Error('reset')));
    expect(await read(failing, 10, null)).toMatchObject({ fault: 'broken' });
    const closing = new Readable({ read: () => undefined });
    closing.push(bytes);
    setImmediate(() => closing.destroy());
    expect(await read(closing, 10, null)).toMatchObject({ fault: 'broken' });
  });

  it('lets go of the source when it is not read to its end', async () => {
    const source = new Readable({ read: () => undefined });
    source.push(bytes);
    const checked = verified(source, { size: 10, sha256: null }, errors);
    checked.destroy();
    await new Promise((resolve) => source.once('close', resolve));
    expect(source.destroyed).toBe(true);
  });
});
