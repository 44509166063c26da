import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ejemploDeIngreso } from '@nexora/comprobante';
import pg from 'pg';
import { createToken } from '../auth/create-token.ts';
import { gatewayUnderTest, type GatewayUnderTest } from '../testing/gateway.conformance.ts';

const MEGABYTE = Buffer.alloc(1024 * 1024, 'x');
let gateway: GatewayUnderTest;
let token: string;

beforeAll(async () => {
  gateway = await gatewayUnderTest();
  const sql = new pg.Pool({ connectionString: gateway.database.url, max: 1 });
  token = await createToken(sql, 'operator', { name: 'large bodies' });
  await sql.end();
});
afterAll(() => gateway.stop());

/** As simple clients do: reads nothing before all is written. A reset would take the answer away unread. */
async function writeThenRead(pieces: readonly (Buffer | string)[], bearer = token): Promise<Socket> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.pause();
  socket.write(
    `POST /api/comprobantes HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${bearer}\r\nContent-Type: application/json\r\n`,
  );
  for (const piece of pieces) {
    await new Promise<void>((resolve, reject) =>
      socket.write(piece, (error) => (error == null ? resolve() : reject(error))),
    );
  }
  return socket;
}

async function answerOn(socket: Socket, until: RegExp): Promise<string> {
  let text = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (until.test(text)) break;
  }
  return text;
}

const sized = (megabytes: number) => [
  `Content-Length: ${megabytes * MEGABYTE.length}\r\n\r\n`,
  ...Array.from({ length: megabytes }, () => MEGABYTE),
];
const chunked = (megabytes: number) => [
  'Transfer-Encoding: chunked\r\n\r\n',
  ...Array.from({ length: megabytes }, () => ['100000\r\n', MEGABYTE, '\r\n']).flat(),
  '0\r\n\r\n',
];

describe('a body that is far too large', () => {
  it.each([
    ['of announced length', sized(20)],
    ['in chunks', chunked(20)],
  ])('%s is answered 413 once it was sent, and the connection goes on', async (_how, body) => {
    const socket = await writeThenRead(body);
    const answer = await answerOn(socket, /\r\n\r\n\{.*\}$/s);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('urn:nexora:problem:http.too-large');
    socket.write(`GET /api/health HTTP/1.1\r\nHost: ${new URL(gateway.url).host}\r\n\r\n`);
    expect(await answerOn(socket, /\r\n\r\n\{.*\}$/s)).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
  });

  it('is answered 401 without a right token', async () => {
    const socket = await writeThenRead(sized(20), 'wrong');
    expect(await answerOn(socket, /\r\n\r\n\{.*\}$/s)).toMatch(/^HTTP\/1\.1 401 /);
    socket.destroy();
  });
});

describe('a comprobante of many lines', () => {
  const [line] = ejemploDeIngreso().conceptos ?? [];
  const submit = async (lines: number): Promise<{ status: number; problem: { detail?: string } }> => {
    const conceptos = Array.from({ length: lines }, () => line);
    const document = { ...ejemploDeIngreso({ externalId: `lines-${lines}`, folio: String(lines) }), conceptos };
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await fetch(`${gateway.url}/api/comprobantes`, {
      method: 'POST',
      headers,
      body: JSON.stringify(document),
    });
    return { status: answer.status, problem: (await answer.json()) as { detail?: string } };
  };

  it('is taken up to ten thousand', async () => {
    expect((await submit(10_000)).status).toBe(202);
  });

  it('is refused above, in a sentence that names the field and the remedy', async () => {
    const { status, problem } = await submit(10_001);
    expect(status).toBe(422);
    expect(problem).toMatchObject({
      detail: expect.stringContaining('10001 conceptos') as unknown,
      errors: [{ path: 'conceptos', remedy: expect.stringContaining('Divida') as unknown }],
    });
  });
});
