import { request as plainRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { PortalFailed } from './portal-failed.ts';

/** One question to the portal. */
export interface Question {
  readonly url: URL;
  readonly method: 'GET' | 'POST';
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes of an answer that are read at most; beyond it the connection is cut. */
  readonly maxBytes: number;
  /** Ends it all: name, connection, TLS, answer to the last byte. */
  readonly deadline: AbortSignal;
}

/** An answer whose head was as it should be. */
export interface Answer {
  readonly status: 200 | 304;
  readonly body: Uint8Array;
  readonly etag: string | undefined;
}

/**
 * Asks once, on a connection of its own. Redirects are not followed, nothing is decompressed, and only 200 with JSON (or
 * 304) is read at all. Node's own client instead of `fetch`, since it tells whether the connection stood.
 * @throws PortalFailed
 */
export async function exchange(question: Question): Promise<Answer> {
  const attempt = new Attempt(question);
  try {
    const response = await attempt.response();
    judgeHead(response);
    const body = response.statusCode === 304 ? new Uint8Array() : await bodyOf(response, question.maxBytes);
    return { status: response.statusCode as 200 | 304, body, etag: response.headers.etag };
  } catch (error) {
    throw failureOf(error, question.deadline, attempt.connected);
  } finally {
    attempt.end();
  }
}

/** One request, and whether its connection stood. */
class Attempt {
  connected = false;
  readonly #request: ClientRequest;
  readonly #body: string | undefined;

  constructor({ url, method, body, headers, deadline }: Question) {
    const secure = url.protocol === 'https:';
    const length = body === undefined ? {} : { 'content-type': 'application/json', 'content-length': bytes(body) };
    this.#body = body;
    this.#request = (secure ? tlsRequest : plainRequest)(url, {
      method,
      agent: false,
      signal: deadline,
      headers: {
        accept: 'application/json',
        'accept-encoding': 'identity',
        'cache-control': 'no-cache',
        connection: 'close',
        ...length,
        ...headers,
      },
    });
    this.#request.once('socket', (socket) => {
      socket.once(secure ? 'secureConnect' : 'connect', () => (this.connected = true));
    });
  }

  response(): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      this.#request.once('response', resolve);
      // Another protocol, or hints and no more: Node tells neither answer nor error then, and no limit would end it.
      this.#request.once('upgrade', (_response, socket) => {
        socket.destroy();
        reject(new PortalFailed('status', 'status 101'));
      });
      this.#request.once('close', () => reject(new PortalFailed('interrupted')));
      // Stays: what comes after the answer was judged must not end the process.
      this.#request.on('error', reject);
      this.#request.end(this.#body);
    });
  }

  end(): void {
    this.#request.destroy();
  }
}

function bytes(text: string): number {
  return Buffer.byteLength(text);
}

const JSON_TYPE = /^application\/json\s*(;|$)/i;

/** @throws PortalFailed for anything but JSON with 200, or 304 */
function judgeHead({ statusCode: status = 0, headers }: IncomingMessage): void {
  const type = headers['content-type'] ?? '';
  const isPage = /^text\/html/i.test(type);
  if (status === 511 || (status === 200 && isPage)) throw new PortalFailed('captive', `status ${status}`);
  if (status >= 300 && status < 400 && status !== 304) throw new PortalFailed('redirect', `status ${status}`);
  if (status !== 200 && status !== 304) throw new PortalFailed('status', `status ${status}`);
  if (status === 200 && !JSON_TYPE.test(type)) throw new PortalFailed('type');
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') throw new PortalFailed('type', 'compressed');
}

async function bodyOf(response: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const told = Number(response.headers['content-length'] ?? 0);
  if (told > maxBytes) throw new PortalFailed('too-large', `over ${maxBytes} bytes`);
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxBytes) throw new PortalFailed('too-large', `over ${maxBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function failureOf(error: unknown, deadline: AbortSignal, connected: boolean): PortalFailed {
  if (error instanceof PortalFailed) return error;
  if (deadline.aborted) return new PortalFailed('time-out', connected ? '' : 'no connection', error);
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return new PortalFailed(connected ? 'interrupted' : 'unreachable', typeof code === 'string' ? code : '', error);
}
