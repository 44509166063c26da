import { connect, createServer, type Server, type Socket } from 'node:net';

/** What the line does with what comes in. */
type Line = 'open' | 'cut' | 'silent';

/**
 * A line between a client and a server on 127.0.0.1 that can be cut, fall silent or be slow. Clients connect to
 * `port`. Cut: connections are reset and new ones refused. Silent (half-open): connections stay, new ones are
 * accepted, and no byte passes in either direction.
 */
export class TcpProxy {
  private readonly target: { readonly host: string; readonly port: number };
  private server: Server | null = null;
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private line: Line = 'open';
  private latencyMs = 0;
  private chosenPort = 0;

  private constructor(target: { host: string; port: number }) {
    this.target = target;
  }

  /** A line to the host and port of a URL, or to a port of 127.0.0.1. */
  static async to(target: string | number): Promise<TcpProxy> {
    const url = typeof target === 'string' ? new URL(target) : null;
    const proxy = new TcpProxy(
      url === null ? { host: '127.0.0.1', port: Number(target) } : { host: url.hostname, port: Number(url.port) },
    );
    await proxy.listen();
    return proxy;
  }

  get port(): number {
    return this.chosenPort;
  }

  /** The given URL, led through this line. */
  through(url: string): string {
    const led = new URL(url);
    led.hostname = '127.0.0.1';
    led.port = String(this.chosenPort);
    return led.href;
  }

  /** Connections that pass now. */
  get connections(): number {
    return this.pairs.size;
  }

  /** Resets every connection and refuses new ones until `restore()`. */
  async cut(): Promise<void> {
    this.line = 'cut';
    await this.end();
  }

  /** Lets no byte pass any more, without closing anything: what a lost mobile network looks like. */
  halfOpen(): void {
    this.line = 'silent';
    for (const pair of this.pairs) for (const socket of pair) socket.pause();
  }

  /** Each piece of data waits this long, in both directions. */
  latency(ms: number): void {
    this.latencyMs = ms;
  }

  /** The line works again; connections that were silent go on where they were. */
  async restore(): Promise<void> {
    this.line = 'open';
    this.latencyMs = 0;
    for (const pair of this.pairs) for (const socket of pair) socket.resume();
    if (this.server === null) await this.listen();
  }

  /** Closes everything. */
  async end(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      if (this.server === null) resolve();
      else this.server.close(() => resolve());
    });
    this.server = null;
    for (const pair of this.pairs) for (const socket of pair) reset(socket);
    await closed;
  }

  private async listen(): Promise<void> {
    const server = createServer((client) => this.lead(client));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.chosenPort, '127.0.0.1', resolve);
    });
    const address = server.address();
    if (typeof address === 'object' && address !== null) this.chosenPort = address.port;
    this.server = server;
  }

  private lead(client: Socket): void {
    const upstream = connect(this.target);
    const pair = [client, upstream] as const;
    this.pairs.add(pair);
    this.pipe(client, upstream);
    this.pipe(upstream, client);
    const forget = () => {
      // What one side has sent before it closed still reaches the other.
      for (const socket of pair) socket.destroySoon();
      if (client.destroyed && upstream.destroyed) this.pairs.delete(pair);
    };
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', forget).on('close', forget);
      if (this.line === 'silent') socket.pause();
    }
  }

  private pipe(from: Socket, to: Socket): void {
    from.on('data', (piece) => {
      if (this.latencyMs === 0) to.write(piece);
      else setTimeout(() => to.writable && to.write(piece), this.latencyMs);
    });
    from.on('end', () => to.end());
  }
}

/** A socket whose end is already on its way cannot be reset any more: Node would lose its handle and never close it. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
