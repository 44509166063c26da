import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';

interface Effect {
  readonly kind: string;
  readonly id: number;
}

/** The world outside the shop, for the later classes: slow by so many ms, deaf while the line is cut, counts effects. */
export class Outside {
  readonly #server: Server;
  readonly #latencyMs: number;
  readonly #keys = new Set<string>();
  readonly #effects = new Map<string, number>();
  #port = 0;

  private constructor(latencyMs: number) {
    this.#latencyMs = latencyMs;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async open(latencyMs: number): Promise<Outside> {
    const outside = new Outside(latencyMs);
    await outside.restore();
    return outside;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Effects that happened, and those that happened to one job again. */
  get counted(): { readonly effects: number; readonly duplicates: number } {
    const times = [...this.#effects.values()];
    return { effects: times.length, duplicates: times.reduce((sum, n) => sum + n - 1, 0) };
  }

  /** Forgets what was counted. */
  forget(): void {
    this.#effects.clear();
    this.#keys.clear();
  }

  /** Refuses connections and breaks the open ones. */
  async cut(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async restore(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { kind, id } = (await json(request)) as Effect;
      const key = String(request.headers['idempotency-key']);
      await pause(this.#latencyMs);
      if (!this.#keys.has(key)) this.#happened(key, `${kind} ${id}`);
      response.end();
    } catch {
      response.destroy(); // the line was cut before the request was read
    }
  }

  #happened(key: string, effect: string): void {
    this.#keys.add(key);
    this.#effects.set(effect, (this.#effects.get(effect) ?? 0) + 1);
  }
}
