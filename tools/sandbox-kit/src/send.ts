import type { ServerResponse } from 'node:http';

/** An answer, sent whole. */
export interface Message {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly now: Date;
  readonly headers?: Readonly<Record<string, string>>;
}

function head(response: ServerResponse, message: Message, length: number): void {
  // The sandbox's own clock, right or wrong: agents judge their clock by this header.
  response.sendDate = false;
  const { status, type, now, headers } = message;
  response.writeHead(status, {
    'content-type': type,
    'content-length': length,
    date: now.toUTCString(),
    ...headers,
  });
}

/** Sends the message. */
export function send(response: ServerResponse, message: Message): void {
  const body = Buffer.from(message.body, 'utf8');
  head(response, message, body.length);
  response.end(body);
}

/** Announces the whole message, sends half, and drops the connection. */
export function sendHalf(response: ServerResponse, message: Message): void {
  const body = Buffer.from(message.body, 'utf8');
  head(response, message, body.length);
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.socket?.destroy());
}

/** A JSON message. */
export function json(status: number, value: unknown, now: Date): Message {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(value), now };
}
