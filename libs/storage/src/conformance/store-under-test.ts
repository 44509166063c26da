import type { ObjectStore } from '../object-store.ts';

/** A store that the conformance suite may fill, and what it must be able to do behind the driver's back. */
export interface StoreUnderTest {
  /** Environment with which `openObjectStore` opens it: for processes of their own. */
  readonly env: Readonly<Record<string, string>>;
  /** The store as one more process would have it; closed after the test. */
  open(): Promise<ObjectStore>;
  /** Replaces the stored bytes and leaves everything else, as a failing disk does. */
  damage(key: string, bytes: Buffer): Promise<void>;
  /** Puts an object there by other means than the driver. */
  putForeign(key: string, bytes: Buffer): Promise<void>;
}

let stem = 0;

/** A key that no other test uses; the folder is its own too. */
export function freshKey(name = 'objeto.xml'): string {
  stem += 1;
  return `t${process.pid}-${stem}/2026/11/${name}`;
}

/** Bytes that look like nothing, the same for the same seed. */
export function bytesOf(seed: number, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  for (let at = 0; at < size; at += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state & 0xff;
  }
  return bytes;
}
