import { Bell, type BellEvent } from '@nexora/outbox';
import type { Telemetry } from '@nexora/runtime';

/** Rings for work that was committed here. Opened with the first ring: a gateway that only reads needs no Redis. */
export class Rings {
  readonly #connection: string;
  readonly #telemetry: Telemetry;
  #bell: Bell | undefined;

  /** @param connection `redis://…`. */
  constructor(connection: string, telemetry: Telemetry) {
    this.#connection = connection;
    this.#telemetry = telemetry;
  }

  /** Rings for a kind. Returns at once and never throws: Redis away costs a second of waiting, never a request. */
  ring(kind: string): void {
    try {
      this.#bell ??= new Bell({ connection: this.#connection, onEvent: (event) => this.#tell(event) });
      this.#bell.ring(kind);
    } catch (error) {
      this.#telemetry.emit('ring-failed', { kind, error });
    }
  }

  /** Closes the way to Redis, within `deadlineMs` milliseconds. */
  async close(deadlineMs: number): Promise<void> {
    await this.#bell?.close(deadlineMs);
  }

  #tell(event: BellEvent): void {
    if (event.name === 'ring-failed') this.#telemetry.emit('ring-failed', { kind: event.kind, error: event.error });
    else this.#telemetry.emit('redis-away', { error: event.error });
  }
}
