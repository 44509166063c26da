import type { RedisOptions } from 'ioredis';

/** What the bell tells about itself. Nothing of it is fatal: the poll claims without the bell. */
export type BellEvent =
  | { readonly name: 'ring-failed'; readonly kind: string; readonly error: unknown }
  | { readonly name: 'redis-error'; readonly error: unknown };

/** How the bell reaches Redis. */
export interface BellSettings {
  /** `redis://…` or ioredis options. */
  readonly connection: string | RedisOptions;
  /** Hash-tagged, so that a Redis Cluster keeps one queue in one slot; default `{nexora}`. */
  readonly prefix?: string;
  readonly onEvent?: (event: BellEvent) => void;
}

/** A kind that is being served. */
export interface Serving {
  /** Stops taking rings; waits for the ring in hand until the deadline. */
  close(deadlineMs: number): Promise<void>;
}

/**
 * The bell: a ring names a kind and carries nothing else. Redis may be away, frozen, emptied: `ring` returns at once
 * and never throws, `close` keeps its deadline.
 */
export class Bell {
  constructor(_settings: BellSettings) {
    throw new Error('The bell is being cast.');
  }
  /** Rings for a kind. Returns at once; at most one ring of a kind is on its way per process. */
  ring(_kind: string): void {}
  /** Takes rings of a kind, one at a time. `onRing` claims and returns; it never waits for handlers. */
  serve(_kind: string, _onRing: () => Promise<void>): Serving {
    return { close: () => Promise.resolve() };
  }
  /** Closes queues and workers, at the latest after the deadline. */
  async close(_deadlineMs: number): Promise<void> {}
}
