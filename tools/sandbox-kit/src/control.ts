import type { IncomingMessage, ServerResponse } from 'node:http';
import { BadInput } from './guards.ts';
import { json, send } from './send.ts';

/** What a control port can do, each by `METHOD /path`. */
export interface Controls {
  /** Answer of every change, of `GET /control/state` and of the health checks. */
  state(): object | Promise<object>;
  readonly changes: Readonly<Record<string, (request: IncomingMessage) => Promise<unknown>>>;
  /** Answered as one JSON object per line. */
  readonly logs: Readonly<Record<string, () => readonly object[]>>;
}

const reads = new Set(['GET /control/state', 'GET /health/live', 'GET /health/ready']);

function linesOf(records: readonly object[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

/** Answers the control port; it works while the line is cut. Every change answers the state that it led to. */
export async function answerControl(
  controls: Controls,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const now = new Date();
  const route = `${request.method} ${(request.url ?? '').split('?')[0]}`;
  try {
    const log = controls.logs[route];
    if (log !== undefined) {
      return send(response, { status: 200, type: 'application/x-ndjson', body: linesOf(log()), now });
    }
    const change = controls.changes[route];
    if (change === undefined && !reads.has(route)) {
      return send(response, json(404, { error: `No such control: ${route}` }, now));
    }
    await change?.(request);
    send(response, json(200, await controls.state(), now));
  } catch (error) {
    const status = error instanceof BadInput ? 400 : 500;
    send(response, json(status, { error: error instanceof Error ? error.message : String(error) }, now));
  }
}
