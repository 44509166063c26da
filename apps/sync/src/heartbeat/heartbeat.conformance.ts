import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Heartbeat } from './heartbeat.ts';

/** Listeners of one test, closed with what is connected to them. */
const servers: Server[] = [];

/** Listens on a free port of 127.0.0.1 until the test ends. */
export async function listening(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** What every way of asking the outside promises. `good` is a server that this way takes for the Internet. */
export function heartbeatConformance(
  name: string,
  good: () => Server,
  asking: (port: number, timeoutMs: number) => Heartbeat,
): void {
  const never = new AbortController().signal;
  afterEach(() => servers.splice(0).forEach((server) => server.close()));

  describe(`${name}, as every heartbeat,`, () => {
    it('finds the Internet, and how long it took', async () => {
      const beat = await asking(await listening(good()), 2_000).beat(never);
      expect(beat).toMatchObject({ answered: true });
      expect(beat.answered && beat.latencyMs).toBeGreaterThan(0);
    });

    it('calls a refused connection unreachable: no byte left', async () => {
      expect(await asking(await closedPort(), 2_000).beat(never)).toMatchObject({
        answered: false,
        phase: 'unreachable',
      });
    });

    it('ends at once when the watch stops', async () => {
      const stop = new AbortController();
      stop.abort();
      expect(await asking(await listening(good()), 60_000).beat(stop.signal)).toMatchObject({ answered: false });
    });

    it('finds it again after it was away', async () => {
      const port = await closedPort();
      const heartbeat = asking(port, 2_000);
      expect((await heartbeat.beat(never)).answered).toBe(false);
      const server = good();
      servers.push(server);
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      expect((await heartbeat.beat(never)).answered).toBe(true);
    });
  });
}
