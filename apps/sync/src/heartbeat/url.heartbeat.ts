import { request as plainRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { unexpected } from '../line/expectation.ts';
import type { Beat, Heartbeat } from './heartbeat.ts';

/** Where to ask, and what is a good answer. */
export interface UrlHeartbeatOptions {
  readonly url: string;
  /** Exact body; empty: any body of a 2xx. */
  readonly expect: string;
  readonly timeoutMs: number;
}

/** No more of a body is read: a good answer is short, a captive portal's page need not be read to the end. */
const LONGEST_BODY = 65_536;

/**
 * One GET per heartbeat on a connection of its own, so that name, route and TLS are tried as well; redirections are not
 * followed. Node's own client instead of `fetch`: it tells whether the connection stood, hence whether a byte left.
 */
export class UrlHeartbeat implements Heartbeat {
  readonly #options: UrlHeartbeatOptions;

  constructor(options: UrlHeartbeatOptions) {
    this.#options = options;
  }

  async beat(signal: AbortSignal): Promise<Beat> {
    const begin = performance.now();
    const deadline = AbortSignal.timeout(this.#options.timeoutMs);
    const attempt = new Attempt(this.#options.url, AbortSignal.any([signal, deadline]));
    try {
      const response = await attempt.response();
      const complaint = unexpected(
        { status: response.statusCode ?? 0, body: await bodyOf(response) },
        this.#options.expect,
      );
      if (complaint !== undefined) return { answered: false, phase: 'unexpected', error: new Error(complaint) };
      return { answered: true, latencyMs: performance.now() - begin, ...attempt.outsideTime(response) };
    } catch (error) {
      return {
        answered: false,
        phase: attempt.connected ? 'interrupted' : 'unreachable',
        error: errorOf(error, deadline),
      };
    } finally {
      attempt.end();
    }
  }
}

/** One request, and whether its connection stood. */
class Attempt {
  connected = false;
  readonly #secure: boolean;
  readonly #request: ClientRequest;

  constructor(url: string, signal: AbortSignal) {
    this.#secure = url.startsWith('https:');
    const options = { agent: false as const, signal, headers: { 'cache-control': 'no-cache', connection: 'close' } };
    this.#request = (this.#secure ? tlsRequest : plainRequest)(url, options);
    this.#request.once('socket', (socket) => {
      socket.once(this.#secure ? 'secureConnect' : 'connect', () => (this.connected = true));
    });
  }

  response(): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      this.#request.once('response', resolve);
      // Another protocol, or hints and no more: Node tells neither answer nor error then, and no limit would end it.
      this.#request.once('upgrade', (response, socket) => {
        socket.destroy();
        resolve(response);
      });
      this.#request.once('close', () => reject(new Error('no answer')));
      // Stays: what comes after the answer was judged must not end the process.
      this.#request.on('error', reject);
      this.#request.end();
    });
  }

  /** Over plain HTTP anybody on the way could write the time. */
  outsideTime({ headers: { date } }: IncomingMessage): { outsideTime?: Date } {
    const time = new Date(date ?? '');
    return this.#secure && !Number.isNaN(time.getTime()) ? { outsideTime: time } : {};
  }

  end(): void {
    this.#request.destroy();
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  let body = '';
  response.setEncoding('utf8');
  for await (const chunk of response as AsyncIterable<string>) {
    body += chunk;
    if (body.length > LONGEST_BODY) break;
  }
  return body;
}

function errorOf(error: unknown, deadline: AbortSignal): Error {
  if (deadline.aborted) return new Error('no answer in time', { cause: error });
  return error instanceof Error ? error : new Error(String(error));
}
