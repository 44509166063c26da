import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Health, HealthReport } from './health.ts';

/** The inner HTTP face of a process: health and metrics, nothing else. */
export interface HealthServer {
  /** Where it listens, `http://127.0.0.1:9101`. */
  readonly url: string;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/**
 * Serves `GET /health/live`, `GET /health/ready` (503 when not ready) and `GET /metrics`. Plain `node:http`: a web
 * framework would cost each idle agent several megabytes for three addresses.
 * @throws the system's error when the address cannot be listened on.
 */
export async function serveHealth(
  health: Health,
  telemetry: Telemetry,
  host: string,
  port: number,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    answer(request, health, telemetry)
      .catch((error: unknown) => failed(telemetry, error))
      .then(
        (given) => send(response, request, given),
        () => response.destroy(),
      );
  });
  server.requestTimeout = 5_000;
  await listen(server, host, port);
  return { url: urlOf(server.address() as AddressInfo), close: () => close(server) };
}

async function answer(request: IncomingMessage, health: Health, telemetry: Telemetry): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return json(405, { error: 'only GET' });
  switch (request.url?.split('?', 1)[0]) {
    case '/health/live':
      return report(health.live());
    case '/health/ready':
      return report(await health.ready());
    case '/metrics':
      // A part that is away shows in the metrics whether or not anybody asks for the health; two seconds at most.
      await health.ready();
      return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body: await telemetry.metrics() };
    default:
      return json(404, { error: 'not found', addresses: ['/health/live', '/health/ready', '/metrics'] });
  }
}

function report(found: HealthReport): Answer {
  return json(found.status === 'ok' ? 200 : 503, found);
}

function json(status: number, body: object): Answer {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(body) };
}

function failed(telemetry: Telemetry, error: unknown): Answer {
  telemetry.emit('health-failed', { error });
  return json(500, { error: 'failed; the log tells why' });
}

function send(response: ServerResponse, request: IncomingMessage, given: Answer): void {
  response.writeHead(given.status, {
    'content-type': given.type,
    'content-length': Buffer.byteLength(given.body),
    'cache-control': 'no-store',
  });
  response.end(request.method === 'HEAD' ? undefined : given.body);
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function urlOf({ address, family, port }: AddressInfo): string {
  const host = address === '0.0.0.0' || address === '::' ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address;
  return `http://${host}:${port}`;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
