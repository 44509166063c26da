import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { createServer as createWebServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer, type Server } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { X509CertificateGenerator } from '@peculiar/x509';
import type { Beat } from './heartbeat.ts';
import { heartbeatConformance, listening } from './heartbeat.conformance.ts';
import { UrlHeartbeat } from './url.heartbeat.ts';

const never = new AbortController().signal;
const web = (answer: RequestListener): Server => createWebServer(answer);
const asking = (port: number, timeoutMs = 2_000) =>
  new UrlHeartbeat({ url: `http://127.0.0.1:${port}/heartbeat`, expect: 'OK', timeoutMs });

heartbeatConformance('a heartbeat by address', () => web((_request, response) => response.end('OK\n')), asking);

async function beatOf(server: Server, timeoutMs?: number): Promise<Beat> {
  return asking(await listening(server), timeoutMs).beat(never);
}

describe('a heartbeat by address', () => {
  it.each([
    ['a captive portal that redirects', 302, { location: 'http://portal.example' }, ''],
    ['a captive portal with a page of its own', 200, { 'content-type': 'text/html' }, '<html>Sign in</html>'],
    ['a proxy that asks for a password', 511, {}, 'OK'],
    ['a server that fails', 500, {}, 'OK'],
  ])('does not take %s for the Internet', async (_what, status, headers, body) => {
    const beat = await beatOf(web((_request, response) => response.writeHead(status, headers).end(body)));
    expect(beat).toMatchObject({ answered: false, phase: 'unexpected' });
  });

  it.each([
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n', 'unexpected'],
    ['hints and no answer', 'HTTP/1.1 103 Early Hints\r\n\r\n', 'interrupted'],
  ])('ends when the server answers with %s', async (_what, answer, phase) => {
    const beat = await beatOf(createServer((socket) => socket.once('data', () => socket.end(answer))));
    expect(beat).toMatchObject({ answered: false, phase });
  });

  it('does not read an endless page to its end', async () => {
    const beat = await beatOf(
      web((_request, response) => {
        response.writeHead(200);
        const more = (): void => void response.write('x'.repeat(10_000), () => setImmediate(more));
        more();
      }),
    );
    expect(beat).toMatchObject({ answered: false, phase: 'unexpected' });
  });

  it('calls a connection that is cut before the answer interrupted: the request had left', async () => {
    const beat = await beatOf(createServer((socket) => socket.once('data', () => socket.resetAndDestroy())));
    expect(beat).toMatchObject({ answered: false, phase: 'interrupted' });
  });

  it('calls an answer that does not come in time interrupted, within its time limit', async () => {
    const begin = performance.now();
    const silent = createServer((socket) => socket.on('error', () => undefined));
    const beat = await beatOf(silent, 200);
    expect(beat).toMatchObject({ answered: false, phase: 'interrupted', error: { message: 'no answer in time' } });
    expect(performance.now() - begin).toBeLessThan(2_000);
  });

  it('also gives up on a body that stops half-way', async () => {
    const beat = await beatOf(
      web((_request, response) => void response.writeHead(200, { 'content-length': '2' }).write('O')),
      200,
    );
    expect(beat).toMatchObject({ answered: false, phase: 'interrupted' });
  });

  it('does not believe the time of a plain connection', async () => {
    const beat = await beatOf(web((_request, response) => response.end('OK')));
    expect(beat).not.toHaveProperty('outsideTime');
  });

  it('calls a certificate that nobody vouches for unreachable: TLS never stood', async () => {
    const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
    const certificate = await X509CertificateGenerator.createSelfSigned({
      name: 'CN=127.0.0.1',
      keys,
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    });
    const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
    const server = createTlsServer(
      { cert: certificate.toString('pem'), key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----` },
      (_request, response) => response.end('OK'),
    );
    const port = await listening(server);
    const beat = await new UrlHeartbeat({ url: `https://127.0.0.1:${port}`, expect: 'OK', timeoutMs: 2_000 }).beat(
      never,
    );
    expect(beat).toMatchObject({ answered: false, phase: 'unreachable' });
  });

  it('calls a name that nobody knows unreachable', async () => {
    const heartbeat = new UrlHeartbeat({ url: 'http://heartbeat.invalid/', expect: '', timeoutMs: 2_000 });
    expect(await heartbeat.beat(never)).toMatchObject({ answered: false, phase: 'unreachable' });
  });
});
