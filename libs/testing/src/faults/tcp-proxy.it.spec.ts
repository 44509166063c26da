import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../until.ts';
import { TcpProxy } from './tcp-proxy.ts';

let echo: Server;
let line: TcpProxy;
const served = new Set<Socket>();

beforeEach(async () => {
  echo = createServer((visitor) => {
    served.add(visitor.on('error', () => visitor.destroy()));
    visitor.pipe(visitor);
  });
  await once(echo.listen(0, '127.0.0.1'), 'listening');
  const address = echo.address();
  line = await TcpProxy.to(typeof address === 'object' && address !== null ? address.port : 0);
});

afterEach(async () => {
  await line.end();
  for (const visitor of served) visitor.destroy();
  served.clear();
  echo.close();
});

async function call(): Promise<{ socket: Socket; heard: () => string; broken: Promise<string> }> {
  const socket = connect(line.port, '127.0.0.1').setEncoding('utf8');
  let text = '';
  socket.on('data', (piece: string) => (text += piece));
  const broken = new Promise<string>((resolve) =>
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code))),
  );
  await once(socket, 'connect');
  return { socket, heard: () => text, broken };
}

async function hears(caller: { socket: Socket; heard: () => string }, word: string): Promise<void> {
  caller.socket.write(word);
  await until(() => caller.heard().endsWith(word), { what: `the echo of ${word}` });
}

describe('a line that can be cut', () => {
  it('resets connections and refuses new ones while cut, and works again on the same port', async () => {
    const caller = await call();
    await hears(caller, 'one');
    const port = line.port;
    await line.cut();
    expect(await caller.broken).toBe('ECONNRESET');
    const refused = connect(port, '127.0.0.1');
    const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
    await line.restore();
    expect(line.port).toBe(port);
    const again = await call();
    await hears(again, 'two');
    again.socket.destroy();
  });

  it('passes no byte while half-open, and delivers all of them once restored', async () => {
    const caller = await call();
    await hears(caller, 'one');
    line.halfOpen();
    caller.socket.write('two');
    const other = await call();
    other.socket.write('three');
    await new Promise(setImmediate);
    expect([caller.heard(), other.heard()]).toEqual(['one', '']);
    await line.restore();
    await until(() => caller.heard() === 'onetwo' && other.heard() === 'three', { what: 'what was held back' });
    caller.socket.destroy();
    other.socket.destroy();
  });

  it('delivers all that one side sent before it closed', async () => {
    const size = 5_000_000;
    const talker = createServer((visitor) => visitor.on('error', () => visitor.destroy()).end(Buffer.alloc(size)));
    await once(talker.listen(0, '127.0.0.1'), 'listening');
    const address = talker.address();
    const through = await TcpProxy.to(typeof address === 'object' && address !== null ? address.port : 0);
    let got = 0;
    const socket = connect(through.port, '127.0.0.1').on('data', (piece) => (got += piece.length));
    await once(socket, 'data');
    socket.pause();
    const closed = () => new Promise<boolean>((resolve) => talker.getConnections((_, left) => resolve(left === 0)));
    await until(closed, { what: 'the talker to have said all' });
    socket.resume();
    await once(socket, 'close');
    expect(got).toBe(size);
    await through.end();
    talker.close();
  });

  it('delays what it carries by its latency', async () => {
    const caller = await call();
    line.latency(40);
    const from = performance.now();
    await hears(caller, 'slow');
    expect(performance.now() - from).toBeGreaterThanOrEqual(75);
    caller.socket.destroy();
  });
});
