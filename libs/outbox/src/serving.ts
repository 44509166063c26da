import type { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { bullmq, connect, inTime, type BellEvent, type BellSettings } from './bell-redis.ts';

/** A kind that is being served. */
export interface Serving {
  /** Stops taking rings; waits for the ring in hand until the deadline. */
  close(deadlineMs: number): Promise<void>;
}

/** Who takes rings of a kind. */
export interface Server {
  readonly kind: string;
  /** Claims and returns; never waits for handlers. */
  readonly onRing: () => Promise<void>;
  /** False while no slot is free: rings are passed on then. */
  readonly mayTake: () => boolean;
  /** Rings again, for another replica. */
  readonly passOn: () => void;
}

/**
 * While a ring is in hand, all others of its kind wait for it. A process that died with one has it taken back after
 * this; until then only the poll claims. Who holds one for longer only lets another one in.
 */
const LOCK_MS = 4_000;
const STALLED_CHECK_MS = 2_000;
/** After an error of Redis the next try comes this soon. */
const RETRY_MS = 500;
/** How often somebody without a free slot looks whether there is one again. */
const LOOK_AGAIN_MS = 20;

/** Takes the rings of one kind, one at a time, on a connection of its own. */
export class KindServing implements Serving {
  readonly #server: Server;
  readonly #tell: (event: BellEvent) => void;
  readonly #ready: Promise<void>;
  #worker: Worker | undefined;
  /** Ours, and the one that the worker makes of it to wait on: it cannot end that one while Redis is away. */
  readonly #connections: Redis[] = [];
  #look: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(settings: BellSettings, prefix: string, server: Server, tell: (event: BellEvent) => void) {
    this.#server = server;
    this.#tell = tell;
    this.#ready = this.#open(settings, prefix).catch((error: unknown) => tell({ name: 'redis-error', error }));
  }

  async close(deadlineMs: number): Promise<void> {
    this.#closed = true;
    clearInterval(this.#look);
    await inTime(
      this.#ready.then(() => this.#worker?.close()),
      deadlineMs,
    );
    for (const connection of this.#connections) connection.disconnect();
  }

  async #open(settings: BellSettings, prefix: string): Promise<void> {
    const { Worker } = await bullmq();
    const connection = await connect(settings, { maxRetriesPerRequest: null }, this.#tell);
    this.#connections.push(connection);
    if (this.#closed) return connection.disconnect();
    const duplicate = connection.duplicate.bind(connection);
    connection.duplicate = (override) => {
      const made = duplicate(override);
      this.#connections.push(made);
      return made;
    };
    const worker = new Worker(this.#server.kind, () => this.#rung(), {
      connection,
      prefix,
      concurrency: 1,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      runRetryDelay: RETRY_MS,
      // A ring is in hand for the time of one claim; renewing would keep a timer that outlives a dead Redis.
      skipLockRenewal: true,
    });
    worker.on('error', (error) => this.#tell({ name: 'redis-error', error }));
    this.#worker = worker;
  }

  async #rung(): Promise<void> {
    const { mayTake, onRing, passOn } = this.#server;
    if (mayTake() || this.#closed) return onRing();
    // The ring goes back, and this replica takes none until a slot is free: so it reaches one that has a slot.
    await this.#worker?.pause(true);
    passOn();
    this.#look ??= setInterval(() => this.#lookAgain(), LOOK_AGAIN_MS);
  }

  #lookAgain(): void {
    if (!this.#server.mayTake()) return;
    clearInterval(this.#look);
    this.#look = undefined;
    this.#worker?.resume().catch((error: unknown) => this.#tell({ name: 'redis-error', error }));
  }
}
