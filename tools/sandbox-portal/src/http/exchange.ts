import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Part } from '../misbehaviour.ts';
import type { LoggedRequest } from '../requests.ts';

/** One request over the wire, and what it meets. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly parts: readonly Part[];
}

/** What the log tells of a request besides where it went. */
export type Told = Pick<LoggedRequest, 'outcome'> & Partial<Pick<LoggedRequest, 'licenseId' | 'nonce' | 'binding'>>;

/** An answer, and what the log tells of it. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly told: Told;
}

/** A JSON answer. */
export function jsonAnswer(status: number, value: unknown, told: Told): Answer {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(value), told };
}
