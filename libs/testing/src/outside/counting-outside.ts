import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as takes } from 'node:timers/promises';

/** One effect that somebody asked for, in the order of arrival. */
export interface Effect {
  readonly kind: string;
  readonly id: string;
  /** Milliseconds on this process's monotonic clock. */
  readonly at: number;
}

/** What the outside does with what arrives. `portal`: somebody between answers 200 with a page of their own to all. */
type Manner = 'well' | 'portal';

/**
 * An outside world that can tell doubles. `POST /effects/<kind>/<id>` takes effect each time it arrives, however often
 * that is; `GET` of the same says whether it did; `GET /heartbeat` answers `OK`. Lead clients through a `TcpProxy` to
 * cut the line.
 */
export class CountingOutside {
  /** Every effect that arrived, doubles too. */
  readonly effects: Effect[] = [];
  /** Milliseconds that an effect takes before it is answered. */
  latencyMs: number;
  manner: Manner = 'well';
  readonly #server: Server;
  readonly #times = new Map<string, number>();
  #atOnce = 0;
  #mostAtOnce = 0;
  #unanswered = 0;

  private constructor(server: Server, latencyMs: number) {
    this.#server = server;
    this.latencyMs = latencyMs;
  }

  /** Listens on a free port of 127.0.0.1. */
  static async open({ latencyMs = 0 }: { latencyMs?: number } = {}): Promise<CountingOutside> {
    const server = createServer((request, response) => void outside.#serve(request, response));
    const outside = new CountingOutside(server, latencyMs);
    server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return outside;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The most effects of any kind that were under way at once. */
  get mostAtOnce(): number {
    return this.#mostAtOnce;
  }

  /** Names of effects that happened more than once: `<kind>/<id>`. */
  get doubles(): string[] {
    return [...this.#times].filter(([, times]) => times > 1).map(([name]) => name);
  }

  /** How many different effects of the kind happened. */
  count(kind: string): number {
    return [...this.#times.keys()].filter((name) => name.startsWith(`${kind}/`)).length;
  }

  /** The next so many effects happen, and nobody is told: their connections are reset. */
  answerNot(effects: number): void {
    this.#unanswered = effects;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for await (const _piece of request as AsyncIterable<Buffer>);
    const { method = '', url = '' } = request;
    if (this.manner === 'portal') response.setHeader('content-type', 'text/html').end('<html>Sign in, please</html>');
    else if (url === '/heartbeat') response.end('OK');
    else if (method === 'POST') await this.#take(nameIn(url), response);
    else answer(response, { times: this.#times.get(nameIn(url)) ?? 0 });
  }

  async #take(name: string, response: ServerResponse): Promise<void> {
    const times = (this.#times.get(name) ?? 0) + 1;
    this.#times.set(name, times);
    const [kind = '', id = ''] = name.split('/');
    this.effects.push({ kind, id, at: performance.now() });
    this.#mostAtOnce = Math.max(this.#mostAtOnce, ++this.#atOnce);
    const isUnanswered = this.#unanswered-- > 0;
    if (this.latencyMs > 0) await takes(this.latencyMs, undefined, { ref: false });
    this.#atOnce--;
    if (isUnanswered) response.socket?.resetAndDestroy();
    else answer(response, { times });
  }
}

function nameIn(url: string): string {
  return url.replace(/^\/effects\//, '');
}

function answer(response: ServerResponse, body: object): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
}
