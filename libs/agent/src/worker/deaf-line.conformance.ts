import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A connection whose answer was swallowed is reset after this long. */
const RESET_AFTER_MS = 300;

/** A line to Postgres that swallows one answer: the server has heard and committed, and the client never learns of it. */
export class DeafLine {
  readonly url: string;
  /** How many answers were swallowed. */
  swallowed = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #word: string | undefined;

  private constructor(server: Server, target: URL) {
    this.#server = server;
    const led = new URL(target);
    led.hostname = '127.0.0.1';
    led.port = String((server.address() as AddressInfo).port);
    this.url = led.href;
  }

  static async to(url: string): Promise<DeafLine> {
    const target = new URL(url);
    const server = createServer((client) => line.#lead(client, connect(Number(target.port), target.hostname)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const line = new DeafLine(server, target);
    return line;
  }

  /** The next answer with this word in it does not arrive, and its connection is reset. */
  swallowAnswerWith(word: string): void {
    this.#word = word;
  }

  end(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #lead(client: Socket, upstream: Socket): void {
    let deaf = false;
    const drop = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket);
      socket.on('error', drop).on('close', drop);
    }
    client.on('data', (piece) => upstream.write(piece));
    upstream.on('data', (piece) => {
      if (this.#word !== undefined && piece.includes(this.#word)) {
        this.#word = undefined;
        this.swallowed++;
        deaf = true;
        setTimeout(drop, RESET_AFTER_MS);
      }
      if (!deaf) client.write(piece);
    });
  }
}
