import { z } from 'zod';
import { isFailure, jsonIn } from './answer.ts';
import type { Balance } from './balance.ts';
import { codeIn } from './codigos.ts';
import { isNoToken, withToken } from './sw.request.ts';
import type { SwOptions, SwSession } from './sw.session.ts';

/** Body of an answer: names of the present management API, and of the one before it. */
const body = z.object({
  status: z.string().nullish(),
  message: z.string().nullish(),
  data: z
    .object({
      stampsBalance: z.coerce.number().int().nullish(),
      saldoTimbres: z.coerce.number().int().nullish(),
      isUnlimited: z.boolean().nullish(),
      unlimited: z.boolean().nullish(),
    })
    .nullish(),
});

/** Stamps left in the account at SW (`GET /management/v2/api/users/balance`, on the host `api.` of the same name). */
export async function swBalance(options: SwOptions, session: SwSession, signal: AbortSignal): Promise<Balance> {
  const url = new URL('/management/v2/api/users/balance', options.url);
  url.hostname = url.hostname.replace(/^services\./, 'api.');
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const result = await withToken(session, url.href, { signal: AbortSignal.any([signal, timeout]) });
  if (isNoToken(result)) return result;
  if (isFailure(result)) {
    const { early: offline, code } = result;
    return offline
      ? { kind: 'unsent', offline, code, message: 'No hay conexión con el PAC.' }
      : { kind: 'unknown', code, message: 'El PAC no respondió.' };
  }
  const parsed = body.safeParse(jsonIn(result.text));
  const { data, message } = parsed.success ? parsed.data : {};
  const left = data?.stampsBalance ?? data?.saldoTimbres ?? null;
  if (data?.isUnlimited === true || data?.unlimited === true)
    return { kind: 'known', stamps: [{ rfc: null, left: null }] };
  if (result.status === 200 && left !== null) return { kind: 'known', stamps: [{ rfc: null, left }] };
  const code = codeIn(message ?? '') ?? `http-${result.status}`;
  const said = message ?? 'El PAC no dijo cuántos timbres quedan.';
  const isRefused = result.status >= 400 && result.status < 500 && result.status !== 429 && result.status !== 408;
  return { kind: isRefused ? 'refused' : 'unknown', code, message: said };
}
