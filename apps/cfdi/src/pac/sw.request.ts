import { exchange, isFailure, type HttpAnswer, type HttpFailure } from './answer.ts';
import type { Unsent } from './answer-kinds.ts';
import type { SwSession } from './sw.session.ts';

/** No token: nothing of the request has left. */
export type NoToken = Unsent | { readonly kind: 'refused'; readonly code: string; readonly message: string };

/** What came of a request with a token. */
export type SwResult = HttpAnswer | HttpFailure | NoToken;

/** Whether there was no token to send the request with. */
export function isNoToken(result: SwResult): result is NoToken {
  return 'kind' in result;
}

/**
 * Sends a request with the account's token, and once more with a new one when the service no longer takes it: it looks
 * at the token before anything else, so nothing was done by the first.
 */
export async function withToken(session: SwSession, url: string, init: RequestInit): Promise<SwResult> {
  const token = await tokenOf(session);
  if (typeof token !== 'string') return token;
  const first = await send(url, init, token);
  if (isFailure(first) || first.status !== 401) return first;
  session.forget(token);
  const renewed = await tokenOf(session);
  return typeof renewed === 'string' ? send(url, init, renewed) : renewed;
}

function send(url: string, init: RequestInit, token: string): ReturnType<typeof exchange> {
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${token}`);
  return exchange(url, { ...init, headers });
}

async function tokenOf(session: SwSession): Promise<string | NoToken> {
  const token = await session.token();
  if (typeof token === 'string' || token.kind === 'unsent') return token;
  if (token.kind === 'refused') return { kind: 'refused', code: token.code, message: token.message };
  throw new Error('The login answered what no login can.');
}
