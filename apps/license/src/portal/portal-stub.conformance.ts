import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that reached the stub. */
export interface Reached {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers one request. */
export type Answering = (reached: Reached, response: ServerResponse) => void | Promise<void>;

/** A portal that does exactly what the test says, over real sockets. */
export class PortalStub {
  readonly reached: Reached[] = [];
  readonly url: string;
  readonly #server: Server;
  #answer: Answering;

  private constructor(server: Server, answer: Answering) {
    this.#server = server;
    this.#answer = answer;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response));
  }

  static async open(answer: Answering): Promise<PortalStub> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new PortalStub(server, answer);
  }

  /** From here on it answers like this. */
  answers(answer: Answering): void {
    this.#answer = answer;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    request.setEncoding('utf8');
    for await (const part of request as AsyncIterable<string>) body += part;
    const { method = '', url: path = '', headers } = request;
    const reached = { method, path, headers, body };
    this.reached.push(reached);
    await this.#answer(reached, response);
  }
}

/** Answers JSON. */
export function json(response: ServerResponse, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
