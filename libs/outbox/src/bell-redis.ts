import type { Redis, RedisOptions } from 'ioredis';

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

/** Redis comes back unannounced; who waits longer between tries is deaf for that long. */
const LONGEST_RECONNECT_MS = 1_000;

/** The libraries are loaded with the first ring, so that a process that only hands over does not pay for them. */
export function bullmq() {
  loaded ??= load();
  return loaded;
}

let loaded: ReturnType<typeof load> | undefined;

async function load() {
  const [{ Queue, Worker }, { Redis }] = await Promise.all([import('bullmq'), import('ioredis')]);
  return { Queue, Worker, Redis };
}

/** Opens a connection that comes back by itself and tells its errors. */
export async function connect(
  settings: BellSettings,
  options: RedisOptions,
  tell: (event: BellEvent) => void,
): Promise<Redis> {
  const { Redis } = await bullmq();
  const all: RedisOptions = {
    ...options,
    keepAlive: 10_000,
    connectTimeout: 5_000,
    disconnectTimeout: 100,
    retryStrategy: (tries) => Math.min(tries * 100, LONGEST_RECONNECT_MS),
  };
  const { connection } = settings;
  const client = typeof connection === 'string' ? new Redis(connection, all) : new Redis({ ...connection, ...all });
  client.on('error', (error: unknown) => tell({ name: 'redis-error', error }));
  return client;
}

/** Waits for the work, but no longer than the deadline: a frozen Redis answers nothing, and its clients wait for ever. */
export async function inTime(work: Promise<unknown>, deadlineMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, deadlineMs);
  });
  // Whether closing failed or took too long is the same here: the connection is cut afterwards.
  await Promise.race([work.catch(() => undefined), deadline]);
  clearTimeout(timer);
}

/** The same trouble is told once in this time, however many connections meet it. */
const TELL_AGAIN_MS = 10_000;

/** Passes events on, but the same error of Redis only once in a while. */
export function withoutEchoes(onEvent: (event: BellEvent) => void): (event: BellEvent) => void {
  const toldAt = new Map<string, number>();
  return (event) => {
    if (event.name === 'redis-error') {
      const told = toldAt.get(String(event.error));
      if (told !== undefined && performance.now() - told < TELL_AGAIN_MS) return;
      if (toldAt.size > 100) toldAt.clear();
      toldAt.set(String(event.error), performance.now());
    }
    onEvent(event);
  };
}
