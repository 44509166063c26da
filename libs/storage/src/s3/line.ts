import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { Client } from 'minio';
import type { StorageSettings } from '../storage.settings.ts';
import { S3Answer } from './answer.ts';
import { Flight, type Limits } from './flight.ts';
import { s3Fault } from './s3-faults.ts';

/** A request to S3, before it is signed. */
export interface Ask {
  readonly method: 'DELETE' | 'GET' | 'HEAD' | 'POST' | 'PUT';
  /** Without a key it is about the bucket. */
  readonly key?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

const DEFAULT_REGION = 'us-east-1';
const MOST_CONNECTIONS = 16;

/** The connections to one S3 server. The `minio` client signs and addresses; limits, regions and errors are ours. */
export class Line {
  /** For people; holds no secret. */
  readonly place: string;
  readonly bucket: string;
  /** The region in use; learned from the server when the settings name none. */
  region: string;
  readonly #settings: StorageSettings;
  readonly #endpoint: URL;
  readonly #agent: http.Agent;

  constructor(settings: StorageSettings) {
    this.#settings = settings;
    this.#endpoint = new URL(settings.S3_ENDPOINT);
    this.bucket = settings.S3_BUCKET;
    this.region = settings.S3_REGION === '' ? DEFAULT_REGION : settings.S3_REGION;
    this.place = `s3://${this.bucket} at ${this.#endpoint.origin}`;
    const { Agent } = this.#isSecure ? https : http;
    this.#agent = new Agent({ keepAlive: true, maxSockets: MOST_CONNECTIONS });
  }

  get #isSecure(): boolean {
    return this.#endpoint.protocol === 'https:';
  }

  /**
   * Sends a request and lets `read` take the answer, whose status is 2xx. Once more when the server names another
   * region, or had closed the idle connection that was used: everything asked here may be asked twice.
   * @throws S3Answer for a status or a refusal; StorageAway for everything else.
   */
  async send<T>(ask: Ask, limits: Limits, read: (answer: IncomingMessage) => Promise<T> | T): Promise<T> {
    for (let again = false; ; again = true) {
      const flight = new Flight(limits);
      try {
        return await read(await this.#sendOnce(ask, flight));
      } catch (error) {
        limits.signal?.throwIfAborted();
        if (!again && ((flight.stale && this.#droppedIdle()) || this.#learnedRegion(error))) continue;
        throw error instanceof S3Answer
          ? error
          : s3Fault(flight.timeUp ?? error, { place: this.place, sent: flight.sent });
      } finally {
        flight.land();
      }
    }
  }

  /** A request that `send` has let through, and that failed after all. */
  fault(error: unknown): Error {
    return s3Fault(error, { place: this.place, sent: true });
  }

  close(): void {
    this.#agent.destroy();
  }

  #sendOnce({ method, key, query, headers, body }: Ask, flight: Flight): Promise<IncomingMessage> {
    return this.#client(flight).makeRequestAsync(
      {
        method,
        bucketName: this.bucket,
        headers: { ...headers },
        ...(key === undefined ? {} : { objectName: key }),
        ...(query === undefined ? {} : { query }),
      },
      body ?? '',
      [200, 204, 206],
      this.region,
    );
  }

  /** A client costs next to nothing; its own belongs to each request, so that its transport knows the limits. */
  #client(flight: Flight): Client {
    const { hostname, port } = this.#endpoint;
    return new Client({
      endPoint: hostname.replace(/^\[|\]$/g, ''),
      ...(port === '' ? {} : { port: Number(port) }),
      useSSL: this.#isSecure,
      accessKey: this.#settings.S3_ACCESS_KEY,
      secretKey: this.#settings.S3_SECRET_KEY,
      region: this.region,
      pathStyle: true,
      transport: flight.transport,
      transportAgent: this.#agent,
      retryOptions: { disableRetry: true },
    });
  }

  /** Where one idle connection was closed by the server, the others are too. */
  #droppedIdle(): true {
    for (const sockets of Object.values(this.#agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
    return true;
  }

  #learnedRegion(error: unknown): boolean {
    if (!(error instanceof S3Answer) || error.region === null || error.region === this.region) return false;
    if (this.#settings.S3_REGION !== '' || (error.status !== 400 && error.status !== 301)) return false;
    this.region = error.region;
    return true;
  }
}
