import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { json, PortalStub, type Answering } from './portal-stub.conformance.ts';
import { PortalFailed, type PortalFailure } from './portal-failed.ts';
import { Portal } from './portal.ts';

const nonce = 'ab'.repeat(32);
const binding = ['1'.repeat(64), '2'.repeat(64), '3'.repeat(64)] as const;
const ID = 'lic/1 ñ';
let stub: PortalStub;

beforeAll(async () => {
  stub = await PortalStub.open((_, response) => json(response, {}));
});

afterAll(() => stub.close());

/** How a renewal ends when the portal answers like this. */
async function failure(answer: Answering, stop?: AbortSignal): Promise<PortalFailure | undefined> {
  stub.answers(answer);
  try {
    await new Portal(stub.url).visit(stop).renew(ID, { nonce, binding });
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(PortalFailed);
    return (error as PortalFailed).kind;
  }
}

describe('the portal over real sockets', () => {
  it('is told nonce and binding, and nothing else', async () => {
    stub.answers((_, response) => json(response, '{"a":1}'));
    const reply = await new Portal(`${stub.url}/base/`).visit().renew(ID, { nonce, binding });
    expect(Buffer.from(reply).toString()).toBe('{"a":1}');
    const { method, path, headers, body } = stub.reached.at(-1)!;
    expect({ method, path, body }).toEqual({
      method: 'POST',
      path: '/base/v1/licenses/lic%2F1%20%C3%B1/renew',
      body: JSON.stringify({ nonce, binding }),
    });
    expect(Object.keys(headers).sort()).toEqual([
      'accept',
      'accept-encoding',
      'cache-control',
      'connection',
      'content-length',
      'content-type',
      'host',
    ]);
  });

  it.each<[string, PortalFailure, Answering]>([
    ['an error 500', 'status', (_, r) => void r.writeHead(500).end()],
    [
      'an error 404 with JSON',
      'status',
      (_, r) => void r.writeHead(404, { 'content-type': 'application/json' }).end('{}'),
    ],
    ['429', 'status', (_, r) => void r.writeHead(429).end()],
    ['511 of a captive portal', 'captive', (_, r) => void r.writeHead(511).end()],
    [
      'HTML with 200',
      'captive',
      (_, r) => void r.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<p>'),
    ],
    ['a type that is not JSON', 'type', (_, r) => void r.writeHead(200, { 'content-type': 'text/plain' }).end('{}')],
    ['no type', 'type', (_, r) => void r.writeHead(200).end('{}')],
    [
      'a type that only looks like JSON',
      'type',
      (_, r) => void r.writeHead(200, { 'content-type': 'application/jsonp' }).end('{}'),
    ],
    ['compressed JSON', 'type', (_, r) => json(r, '{}', { 'content-encoding': 'gzip' })],
    ['a length over the limit', 'too-large', (_, r) => json(r, 'x'.repeat(65_537), { 'content-length': '65537' })],
    [
      'a body that is cut',
      'interrupted',
      (_, r) => {
        r.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
        r.write('{', () => r.destroy());
      },
    ],
    ['a connection that closes', 'interrupted', (_, r) => void r.destroy()],
  ])('takes nothing from %s', async (_, kind, answer) => {
    expect(await failure(answer)).toBe(kind);
  });

  it.each([301, 302, 303, 307, 308])('does not follow a redirect (%i)', async (status) => {
    const before = stub.reached.length;
    expect(await failure((_, r) => void r.writeHead(status, { location: `${stub.url}/elsewhere` }).end())).toBe(
      'redirect',
    );
    expect(stub.reached.length - before).toBe(1);
  });

  it('cuts off a reply that does not end, at its limit', async () => {
    let sent = 0;
    let gone = false;
    const kind = await failure((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.on('close', () => (gone = true));
      const more = (): void => {
        while (!gone && response.write('x'.repeat(16_384))) sent += 16_384;
        if (!gone) response.once('drain', more);
      };
      more();
    });
    expect(kind).toBe('too-large');
    expect(sent).toBeLessThan(32 * 1_048_576); // what the sockets hold, not what the portal has
  });

  it('gives a slow portal its time limit and no more, however steadily it drips', async () => {
    const stop = new AbortController();
    const ending = failure((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{', () => stop.abort());
    }, stop.signal);
    expect(await ending).toBe('time-out');
  });

  it('knows that nothing left the house when nobody listens', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const asking = new Portal(`http://127.0.0.1:${port}`).visit().renew(ID, { nonce, binding });
    await expect(asking).rejects.toMatchObject({ kind: 'unreachable', isLineAway: true });
  });

  it('takes nothing from what is no HTTP at all', async () => {
    const server = createServer((socket: Socket) => socket.resume().end('220 mail.example ESMTP\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const asking = new Portal(`http://127.0.0.1:${port}`).visit().crl(null);
    await expect(asking).rejects.toMatchObject({ kind: 'interrupted' });
    await new Promise((resolve) => server.close(resolve));
  });

  it('has no one to ask without an address', async () => {
    await expect(new Portal('').visit().crl(null)).rejects.toMatchObject({ kind: 'unset' });
  });

  it('asks for the list with the tag of the one that is there, and takes 304 as unchanged', async () => {
    stub.answers((_, r) => json(r, '{"list":1}', { etag: '"v7"' }));
    const first = await new Portal(stub.url).visit().crl(null);
    expect(first).toEqual({ text: new TextEncoder().encode('{"list":1}'), etag: '"v7"' });
    stub.answers((reached, r) => {
      if (reached.headers['if-none-match'] === '"v7"') r.writeHead(304).end();
      else json(r, '{}');
    });
    expect(await new Portal(stub.url).visit().crl('"v7"')).toBe('unchanged');
    expect(stub.reached.at(-1)!.path).toBe('/v1/crl');
  });

  it('takes a list of up to 1 MiB and cuts off a longer one', async () => {
    stub.answers((_, r) => json(r, 'x'.repeat(1_048_576)));
    expect(await new Portal(stub.url).visit().crl(null)).toMatchObject({ text: { length: 1_048_576 } });
    stub.answers((_, r) => json(r, 'x'.repeat(1_048_577)));
    await expect(new Portal(stub.url).visit().crl(null)).rejects.toMatchObject({ kind: 'too-large' });
  });

  it('forgets a tag that could not be sent back', async () => {
    stub.answers((_, r) => json(r, '{}', { etag: 'no tag' }));
    expect(await new Portal(stub.url).visit().crl(null)).toMatchObject({ etag: null });
  });
});
