import http from 'node:http';
import https from 'node:https';
import type { Client } from 'minio';
import { answerOf } from './answer.ts';

/** How long a request may take, in milliseconds. */
export interface Limits {
  readonly signal?: AbortSignal | undefined;
  /** Longest silence of the line in either direction. */
  readonly idleMs: number;
  /** From the start to the end of `read`; for what is small. */
  readonly wholeMs?: number;
}

/** The request took longer than it may. */
export class TimeUp extends Error {
  constructor(what: string) {
    super(`${what} took too long`);
    this.name = 'TimeUp';
  }
}

type Transport = NonNullable<ConstructorParameters<typeof Client>[0]['transport']>;

const CONNECT_MS = 5_000;

/**
 * One request on its way: gives the client a transport that keeps the limits, turns every refusal into an `S3Answer`
 * (the client itself would throw away the status and leave the connection hanging), and tells how far it came.
 */
export class Flight {
  /** Whether bytes of the request may have left. */
  sent = false;
  /** Whether it failed on a connection that the server had closed meanwhile. */
  stale = false;
  readonly #limits: Limits;
  readonly #give = new AbortController();
  readonly #whole: NodeJS.Timeout | undefined;
  readonly #onAbort = () => this.#give.abort();

  constructor(limits: Limits) {
    this.#limits = limits;
    if (limits.wholeMs !== undefined)
      this.#whole = setTimeout(() => this.#give.abort(new TimeUp('The request')), limits.wholeMs);
    limits.signal?.addEventListener('abort', this.#onAbort);
    if (limits.signal?.aborted === true) this.#give.abort();
  }

  /** The limits on the whole end here; those on silence go on while a body is read. */
  land(): void {
    clearTimeout(this.#whole);
    this.#limits.signal?.removeEventListener('abort', this.#onAbort);
  }

  /** Why it was given up, when that was because of the time of the whole. */
  get timeUp(): TimeUp | null {
    const reason: unknown = this.#give.signal.reason;
    return reason instanceof TimeUp ? reason : null;
  }

  readonly transport: Transport = {
    // The client calls one of the two forms only: options and a listener.
    request: ((options: https.RequestOptions, heard: (response: http.IncomingMessage) => void) =>
      this.#request(options, heard)) as typeof http.request,
  };

  #request(options: https.RequestOptions, heard: (response: http.IncomingMessage) => void): http.ClientRequest {
    const { request } = options.protocol === 'https:' ? https : http;
    const { idleMs } = this.#limits;
    let answer: http.IncomingMessage | undefined;
    const asked = request({ ...options, timeout: idleMs, signal: this.#give.signal }, (response) => {
      answer = response;
      const { statusCode = 0 } = response;
      if (statusCode >= 200 && statusCode < 300) heard(response);
      else void answerOf(response).then((refusal) => asked.emit('error', refusal));
    });
    asked.on('timeout', () => {
      // A reader who takes his time is no silent line: what came for him lies here.
      if (answer !== undefined && answer.readableLength > 0) asked.setTimeout(idleMs);
      else asked.destroy(new TimeUp('The answer'));
    });
    asked.on('error', (error: NodeJS.ErrnoException) => {
      this.stale ||= asked.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
    });
    this.#watchConnection(asked, options.protocol === 'https:' ? 'secureConnect' : 'connect');
    return asked;
  }

  #watchConnection(asked: http.ClientRequest, connected: 'connect' | 'secureConnect'): void {
    asked.on('socket', (socket) => {
      if (!socket.connecting && asked.reusedSocket) {
        this.sent = true;
        return;
      }
      const timer = setTimeout(() => asked.destroy(new TimeUp('The connection')), CONNECT_MS);
      const settle = () => clearTimeout(timer);
      socket.once('close', settle).once(connected, () => {
        settle();
        this.sent = true;
      });
    });
  }
}
