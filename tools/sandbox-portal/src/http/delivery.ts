import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import { send, sendHalf, type Message } from '@nexora/sandbox-kit';
import type { Part } from '../misbehaviour.ts';
import type { Answer, Exchange } from './exchange.ts';

/** Seconds that a caller turned away by 429 should wait. */
const retryAfter = '2';

/** Far more than any caller should read: it follows a good answer as blanks. */
const hugeBytes = 32 * 1024 * 1024;

/** What a router answers in place of the service while the line is not paid for. */
const captivePortal =
  '<!DOCTYPE html><html lang="es"><head><title>Acceso a Internet</title></head>' +
  '<body><h1>Inicie sesión para navegar</h1></body></html>';

function has(parts: readonly Part[], kind: Part['kind']): boolean {
  return parts.some((part) => part.kind === kind);
}

function failure(status: number): Omit<Answer, 'told'> {
  // 511 is a router's, not the portal's: it shows its page.
  if (status === 511) return { status, type: 'text/html; charset=utf-8', body: captivePortal };
  const body = JSON.stringify({ error: `misbehaviour ${status}` });
  const headers: Record<string, string> = status === 429 ? { 'retry-after': retryAfter } : {};
  return { status, type: 'application/json; charset=utf-8', body, headers };
}

/** What comes in place of the office's answer, before it was asked: the line, a router, a broken service. */
export function lineFault({ parts, url }: Pick<Exchange, 'parts' | 'url'>): Omit<Answer, 'told'> | 'drop' | undefined {
  if (has(parts, 'drop')) return 'drop';
  const broken = parts.find((part) => part.kind === 'status');
  if (broken !== undefined) return failure(broken.status);
  if (has(parts, 'html')) return { status: 200, type: 'text/html; charset=utf-8', body: captivePortal };
  if (!has(parts, 'redirect')) return undefined;
  // 307 keeps the method: a caller that follows it is answered well there, and the log shows that it did.
  const target = new URL(url);
  target.searchParams.set('redirected', '1');
  return { status: 307, type: 'text/plain', body: '', headers: { location: target.href } };
}

function altered(body: string, parts: readonly Part[]): string {
  if (has(parts, 'bad-json')) return body.slice(0, -1);
  if (has(parts, 'duplicate-key')) return body.replace(/^\{/, '{"kid":"0000000000000000",');
  return body;
}

/** Resolves after the time, or when the caller is gone: answers whether it still waits. */
async function waited(response: ServerResponse, milliseconds: number): Promise<boolean> {
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  response.once('close', leave);
  try {
    await sleep(milliseconds, undefined, { signal: gone.signal });
    return true;
  } catch {
    return false;
  } finally {
    response.off('close', leave);
  }
}

/** Writes and waits until there is room again; answers whether the caller still reads. */
async function written(response: ServerResponse, bytes: Buffer): Promise<boolean> {
  if (response.destroyed) return false;
  if (response.write(bytes)) return true;
  return new Promise((resolve) => {
    const settle = (reads: boolean) => (): void => {
      response.off('drain', drained).off('close', closed);
      resolve(reads);
    };
    const drained = settle(true);
    const closed = settle(false);
    response.once('drain', drained).once('close', closed);
  });
}

function begin(response: ServerResponse, { status, type, now, headers }: Message, length: number): void {
  response.sendDate = false;
  response.writeHead(status, { 'content-type': type, 'content-length': length, date: now.toUTCString(), ...headers });
}

/** Has no body, and so neither type nor length. */
function sendNotModified(response: ServerResponse, { headers }: Omit<Answer, 'told'>, now: Date): void {
  response.sendDate = false;
  response.writeHead(304, { date: now.toUTCString(), ...headers }).end();
}

async function sendHuge(response: ServerResponse, message: Message): Promise<void> {
  const body = Buffer.from(message.body);
  begin(response, message, body.length + hugeBytes);
  const blanks = Buffer.alloc(64 * 1024, 0x20);
  let reads = await written(response, body);
  for (let sent = 0; reads && sent < hugeBytes; sent += blanks.length) reads = await written(response, blanks);
  response.end();
}

async function sendDripping(response: ServerResponse, message: Message, milliseconds: number): Promise<void> {
  const body = Buffer.from(message.body);
  begin(response, message, body.length);
  for (const byte of body) {
    if (!(await written(response, Buffer.from([byte])))) return;
    if (!(await waited(response, milliseconds))) return;
  }
  response.end();
}

/** Sends an answer as the parts say: late, slowly, in half, without end, as text. */
export async function deliver(
  response: ServerResponse,
  { told: _, ...answer }: Answer,
  parts: readonly Part[],
  now: () => Date,
): Promise<void> {
  const delay = parts.find((part) => part.kind === 'delay');
  if (delay?.kind === 'delay' && !(await waited(response, delay.milliseconds))) return;
  if (has(parts, 'drop-after')) return void response.socket?.destroy();
  const type = has(parts, 'text-type') ? 'text/plain; charset=utf-8' : answer.type;
  if (answer.status === 304) return sendNotModified(response, answer, now());
  const message: Message = { ...answer, type, body: altered(answer.body, parts), now: now() };
  if (has(parts, 'truncated')) return sendHalf(response, message);
  if (has(parts, 'huge')) return sendHuge(response, message);
  const drip = parts.find((part) => part.kind === 'drip');
  if (drip?.kind === 'drip') return sendDripping(response, message, drip.milliseconds);
  send(response, message);
}
