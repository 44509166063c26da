import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LoggedCancellation, Terms } from '../cancel/book.ts';
import { BadInput, isRecord } from '../guards.ts';
import { readBody } from '../http/body.ts';
import { json, send } from '../http/send.ts';
import type { LoggedRequest } from '../pac/memory.ts';

/** What the control port can do to the sandbox. */
export interface Controls {
  internet(action: 'cut' | 'restore'): Promise<void>;
  misbehave(word: string, times: number | null): Promise<void>;
  moveClock(offsetSeconds: number): Promise<void>;
  requests(): readonly LoggedRequest[];
  cancellations(): readonly LoggedCancellation[];
  state(): SandboxState;
}

/** Answer of `GET /control/state`. */
export interface SandboxState {
  readonly internet: 'up' | 'cut';
  readonly pac: { readonly url: string; readonly misbehaviour: string; readonly remaining: number | null };
  readonly heartbeat: { readonly url: string };
  readonly clock: { readonly offsetSeconds: number; readonly now: string };
  readonly requests: number;
  readonly stamps: number;
  /** How receivers, the consultation service and the account behave. */
  readonly terms: Terms;
  /** Paths of the public certificates: whom the sandbox trusts, and what verifies its SelloSAT. */
  readonly certificates: { readonly authority: string; readonly stamping: string };
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const text = (await readBody(request)).toString('utf8');
  try {
    const value = JSON.parse(text) as unknown;
    if (isRecord(value)) return value;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw new BadInput('The body must be a JSON object');
}

function actionIn({ internet }: Record<string, unknown>): 'cut' | 'restore' {
  if (internet === 'cut' || internet === 'restore') return internet;
  throw new BadInput('The body must be {"internet":"cut"} or {"internet":"restore"}');
}

function timesIn({ times }: Record<string, unknown>): number | null {
  if (times === undefined || times === null) return null;
  if (typeof times === 'number' && Number.isInteger(times) && times > 0) return times;
  throw new BadInput('times must be a whole number above 0, or left out');
}

function wordIn({ misbehaviour }: Record<string, unknown>): string {
  if (typeof misbehaviour === 'string') return misbehaviour;
  throw new BadInput('The body must be {"misbehaviour":"<word>","times":<n>}');
}

function offsetIn({ offsetSeconds }: Record<string, unknown>): number {
  if (typeof offsetSeconds === 'number' && Number.isFinite(offsetSeconds)) return offsetSeconds;
  throw new BadInput('The body must be {"offsetSeconds":<number>}');
}

type Route = (controls: Controls, request: IncomingMessage) => Promise<unknown>;

const changes: Record<string, Route> = {
  'POST /control/internet': async (controls, request) => controls.internet(actionIn(await bodyOf(request))),
  'POST /control/pac': async (controls, request) => {
    const body = await bodyOf(request);
    await controls.misbehave(wordIn(body), timesIn(body));
  },
  'POST /control/clock': async (controls, request) => controls.moveClock(offsetIn(await bodyOf(request))),
};

const reads = new Set(['GET /control/state', 'GET /health/live', 'GET /health/ready']);

const logs: Record<string, (controls: Controls) => readonly object[]> = {
  'GET /control/pac/log': (controls) => controls.requests(),
  'GET /control/cancel/log': (controls) => controls.cancellations(),
};

function linesOf(requests: readonly object[]): string {
  return requests.map((request) => `${JSON.stringify(request)}\n`).join('');
}

/** Answers the control port; it works while the line is cut. Every change answers the state that it led to. */
export async function control(controls: Controls, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const now = new Date();
  const route = `${request.method} ${(request.url ?? '').split('?')[0]}`;
  try {
    const log = logs[route];
    if (log !== undefined) {
      return send(response, { status: 200, type: 'application/x-ndjson', body: linesOf(log(controls)), now });
    }
    const change = changes[route];
    if (change === undefined && !reads.has(route)) {
      return send(response, json(404, { error: `No such control: ${route}` }, now));
    }
    await change?.(controls, request);
    send(response, json(200, controls.state(), now));
  } catch (error) {
    const status = error instanceof BadInput ? 400 : 500;
    send(response, json(status, { error: error instanceof Error ? error.message : String(error) }, now));
  }
}
