import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { leftNothing } from './left-nothing.ts';

function coded(code: string, more: object = {}): Error {
  return Object.assign(new Error(code), { code, ...more });
}

describe('a call that left no byte outside', () => {
  it('is told from a real refused connection of fetch', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const error: unknown = await fetch(`http://127.0.0.1:${port}/`).catch((reason: unknown) => reason);
    expect(leftNothing(error)).toBe(true);
  });

  it('is not claimed for a connection that is cut after the request was read', async () => {
    const server = createServer((request) => request.socket.destroy()).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const error: unknown = await fetch(`http://127.0.0.1:${port}/`).catch((reason: unknown) => reason);
    await new Promise((resolve) => server.close(resolve));
    expect(error).toHaveProperty('cause');
    expect(leftNothing(error)).toBe(false);
  });

  it.each(['ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT', 'CERT_HAS_EXPIRED'])(
    'is told by %s, however deep it stands',
    (code) => {
      expect(leftNothing(new TypeError('fetch failed', { cause: coded(code) }))).toBe(true);
    },
  );

  it.each(['ECONNRESET', 'EPIPE', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_SOCKET', 'ETIMEDOUT'])(
    'is not believed for %s, which may come after the request was read',
    (code) => {
      expect(leftNothing(coded(code))).toBe(false);
    },
  );

  it('is told by a time-out of the connection itself', () => {
    expect(leftNothing(coded('ETIMEDOUT', { syscall: 'connect' }))).toBe(true);
  });

  it('needs every tried address to have failed early', () => {
    expect(leftNothing(new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')]))).toBe(true);
    expect(leftNothing(new AggregateError([coded('ECONNREFUSED'), coded('ECONNRESET')]))).toBe(false);
  });

  it('is never told by something that is no error', () => {
    expect(leftNothing('ENOTFOUND')).toBe(false);
    expect(leftNothing(undefined)).toBe(false);
  });
});
