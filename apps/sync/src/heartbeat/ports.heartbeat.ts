import { connect } from 'node:net';
import type { Beat, Heartbeat } from './heartbeat.ts';

/** A place outside that can be connected to. */
export interface OutsidePort {
  readonly host: string;
  readonly port: number;
}

/**
 * Stands in where no heartbeat address is set: whether any of the configured outside services lets itself be connected
 * to. It cannot tell a captive portal from the Internet.
 */
export class PortsHeartbeat implements Heartbeat {
  readonly #ports: readonly OutsidePort[];
  readonly #timeoutMs: number;

  constructor(ports: readonly OutsidePort[], timeoutMs: number) {
    this.#ports = ports;
    this.#timeoutMs = timeoutMs;
  }

  async beat(signal: AbortSignal): Promise<Beat> {
    const begin = performance.now();
    const first = new AbortController();
    const limit = AbortSignal.any([signal, first.signal, AbortSignal.timeout(this.#timeoutMs)]);
    try {
      await Promise.any(this.#ports.map((port) => reached(port, limit)));
      return { answered: true, latencyMs: performance.now() - begin };
    } catch (error) {
      const names = this.#ports.map(({ host, port }) => `${host}:${port}`).join(', ');
      return {
        answered: false,
        phase: 'unreachable',
        error: new Error(`none of ${names} can be reached`, { cause: error }),
      };
    } finally {
      first.abort();
    }
  }
}

function reached({ host, port }: OutsidePort, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const give = (end: () => void): void => {
      signal.removeEventListener('abort', late);
      socket.destroy();
      end();
    };
    const late = (): void => give(() => reject(new Error('no connection in time')));
    socket.once('connect', () => give(resolve));
    socket.on('error', (error) => give(() => reject(error)));
    if (signal.aborted) late();
    else signal.addEventListener('abort', late, { once: true });
  });
}
