import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createNetServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from './guards.ts';

/** Somebody else may hold the port for a moment after it was free; then the line stays down and the caller is told. */
const patience = 5_000;

/** Answers one request. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Whether `port` can be listened on now; 0 finds a free one. Answers the port, undefined when it is taken. */
async function probe(host: string, port: number): Promise<number | undefined> {
  const server = createNetServer();
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  } catch (error) {
    if (errorCode(error) === 'EADDRINUSE') return undefined;
    throw error;
  }
  const { port: found } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return found;
}

/** The port asked for, else the one of the last run while nobody else took it, else a free one. */
export async function choosePort(host: string, asked: number, kept: number | undefined): Promise<number> {
  if (asked !== 0) return asked;
  const port = (kept === undefined ? undefined : await probe(host, kept)) ?? (await probe(host, 0));
  if (port === undefined) throw new Error(`No port of ${host} is free`);
  return port;
}

/** Certificate chain and private key, in PEM. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

/** An HTTP server, HTTPS when it has an identity, on a fixed port that can go away, connections and all, and come back. */
export class Listener {
  readonly host: string;
  readonly port: number;
  private readonly scheme: 'http' | 'https';
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor(host: string, port: number, handler: Handler, tls?: TlsIdentity) {
    this.host = host;
    this.port = port;
    this.scheme = tls === undefined ? 'http' : 'https';
    this.server = tls === undefined ? createServer(handler) : createTlsServer(tls, handler);
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  get url(): string {
    return `${this.scheme}://${this.host}:${this.port}`;
  }

  /** Listens; waits a little for a port that is still taken. */
  async open(): Promise<void> {
    if (this.server.listening) return;
    const deadline = performance.now() + patience;
    for (;;) {
      try {
        await this.listen();
        return;
      } catch (error) {
        if (errorCode(error) !== 'EADDRINUSE' || performance.now() > deadline) throw error;
        await sleep(100);
      }
    }
  }

  /** Refuses new connections and destroys the open ones; whoever waits for an answer gets none. */
  async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(this.port, this.host, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
  }
}
