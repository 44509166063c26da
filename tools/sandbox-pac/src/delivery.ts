import type { ServerResponse } from 'node:http';
import { type Message, send, sendHalf } from '@nexora/sandbox-kit';
import type { Answer } from './desk.ts';

/** How a protocol puts into words what the desk decided. */
export interface Voice<T> {
  outcome(outcome: T, now: Date): Message;
  error(status: 500 | 429, now: Date): Message;
}

/** Seconds that a caller turned away by 429 should wait. */
const retryAfter = '2';

/** What a router answers in place of the service while the line is not paid for. */
const captivePortal =
  '<!DOCTYPE html><html lang="es"><head><title>Acceso a Internet</title></head>' +
  '<body><h1>Inicie sesión para navegar</h1></body></html>';

/** Sends the answer, or fails as it says: lines and routers fail alike in every protocol. */
export function deliver<T>(response: ServerResponse, answer: Answer<T>, voice: Voice<T>): void {
  const { now } = answer;
  switch (answer.kind) {
    case 'drop':
      return void response.socket?.destroy();
    case 'html':
      return send(response, { status: 200, type: 'text/html; charset=utf-8', body: captivePortal, now });
    case 'error': {
      const headers: Record<string, string> = answer.status === 429 ? { 'retry-after': retryAfter } : {};
      return send(response, { ...voice.error(answer.status, now), headers });
    }
    case 'outcome':
      return send(response, voice.outcome(answer.outcome, now));
    case 'cut':
      return sendHalf(response, voice.outcome(answer.outcome, now));
  }
}
