import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { bullmq, connect, inTime, withoutEchoes, type BellEvent, type BellSettings } from './bell-redis.ts';
import { KindServing, type Serving } from './serving.ts';

/** A ring that Redis has not taken by then is given up: the poll claims without it. */
const RING_WITHIN_MS = 2_000;
/** Nobody reads the stream of events that a queue writes. */
const EVENTS_KEPT = 10;

/**
 * The bell: a ring names a kind and carries nothing else. Redis may be away, frozen, emptied: `ring` returns at once
 * and never throws, `close` keeps its deadline.
 */
export class Bell {
  readonly #settings: BellSettings;
  readonly #prefix: string;
  readonly #onEvent: (event: BellEvent) => void;
  readonly #queues = new Map<string, Queue>();
  readonly #servings = new Set<KindServing>();
  /** Kinds with a ring on its way; true when another was asked for meanwhile. */
  readonly #onTheWay = new Map<string, boolean>();
  #producer: Promise<Redis> | undefined;
  #closed = false;

  constructor(settings: BellSettings) {
    this.#settings = settings;
    this.#prefix = settings.prefix ?? '{nexora}';
    this.#onEvent = withoutEchoes(settings.onEvent ?? (() => undefined));
  }

  /** Rings for a kind. Returns at once; at most one ring of a kind is on its way per process. */
  ring(kind: string): void {
    if (this.#closed) return;
    const underWay = this.#onTheWay.has(kind);
    this.#onTheWay.set(kind, underWay);
    if (!underWay) void this.#send(kind);
  }

  /**
   * Takes rings of a kind, one at a time.
   * @param onRing Claims and returns; never waits for handlers.
   * @param mayTake False while no slot is free: then rings are left to other replicas. Default: always true.
   */
  serve(kind: string, onRing: () => Promise<void>, mayTake: () => boolean = () => true): Serving {
    const server = { kind, onRing, mayTake, passOn: () => this.ring(kind) };
    const serving = new KindServing(this.#settings, this.#prefix, server, (event) => this.#tell(event));
    this.#servings.add(serving);
    return serving;
  }

  /** Asks Redis for an answer; for health checks. @throws when it is away or silent for two seconds. */
  async ping(): Promise<void> {
    const redis = await this.#connection();
    await whenReady(redis, RING_WITHIN_MS);
    await answered(redis, redis.ping());
  }

  /** Closes queues and workers, at the latest after the deadline. */
  async close(deadlineMs: number): Promise<void> {
    this.#closed = true;
    const servings = [...this.#servings].map((serving) => serving.close(deadlineMs));
    const queues = [...this.#queues.values()].map((queue) => inTime(queue.close(), deadlineMs));
    await Promise.all([...servings, ...queues]);
    // A producer that never came to be has nothing to disconnect.
    if (this.#producer !== undefined) (await this.#producer).disconnect();
  }

  async #send(kind: string): Promise<void> {
    try {
      const redis = await this.#connection();
      await whenReady(redis, RING_WITHIN_MS);
      const queue = await this.#queue(kind, redis);
      // One active and one waiting ring of a kind: what rings while a claim is under way makes it claim once more.
      const deduplication = { id: kind, keepLastIfActive: true };
      const options = { deduplication, attempts: 1, removeOnComplete: true, removeOnFail: true };
      await answered(redis, queue.add(kind, {}, options));
    } catch (error) {
      this.#tell({ name: 'ring-failed', kind, error });
    }
    const again = this.#onTheWay.get(kind) === true;
    this.#onTheWay.delete(kind);
    if (again) this.ring(kind);
  }

  async #queue(kind: string, connection: Redis): Promise<Queue> {
    const { Queue: QueueClass } = await bullmq();
    let queue = this.#queues.get(kind);
    if (queue === undefined) {
      const streams = { events: { maxLen: EVENTS_KEPT } };
      queue = new QueueClass(kind, { connection, prefix: this.#prefix, streams, skipVersionCheck: true });
      queue.on('error', (error) => this.#tell({ name: 'redis-error', error }));
      this.#queues.set(kind, queue);
    }
    return queue;
  }

  /** Fails at once while Redis is away, instead of keeping rings that nobody needs any more. */
  #connection(): Promise<Redis> {
    const options = { enableOfflineQueue: false, maxRetriesPerRequest: 0 };
    this.#producer ??= connect(this.#settings, options, (event) => this.#tell(event));
    return this.#producer;
  }

  #tell(event: BellEvent): void {
    if (!this.#closed) this.#onEvent(event);
  }
}

/** Resolves when the connection works. @throws after so many milliseconds, which is also when it ends first. */
function whenReady(redis: Redis, withinMs: number): Promise<void> {
  if (redis.status === 'ready') return Promise.resolve();
  return new Promise((resolve, reject) => {
    const settle = (done: () => void) => () => {
      clearTimeout(timer);
      redis.off('ready', isReady).off('end', isAway);
      done();
    };
    const away = () => reject(new Error('Redis cannot be reached. Check that it runs and that REDIS_URL names it.'));
    const isReady = settle(resolve);
    const isAway = settle(away);
    const timer = setTimeout(isAway, withinMs);
    redis.once('ready', isReady).once('end', isAway);
  });
}

/** Waits for an answer; from a connection that does not answer any more, a new one is made. */
async function answered<T>(redis: Redis, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      redis.disconnect(true);
      reject(new Error('Redis does not answer.'));
    }, RING_WITHIN_MS);
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    clearTimeout(timer);
    answer.catch(() => undefined); // told as silence already
  }
}
