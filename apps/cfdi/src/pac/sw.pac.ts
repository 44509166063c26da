import type { Clock } from '@nexora/runtime';
import { z } from 'zod';
import { conTimbre } from '../comprobante/con-timbre.ts';
import { exchange, harmless, isFailure, jsonIn, retryAfterOf, skewOf, unanswered, type HttpAnswer } from './answer.ts';
import type { Balance } from './balance.ts';
import type { CancelAnswer, CancelRequest } from './cancel-answer.ts';
import { EMPTY, untilCaughtUp } from './catching-up.ts';
import { codeIn, meaningOf } from './codigos.ts';
import { oneFile } from './multipart.ts';
import { Pac, type Envio, type Found, type SentBefore, type Verdict } from './pac.ts';
import { swBalance } from './sw.balance.ts';
import { SwCancel } from './sw.cancel.ts';
import { SwLookUp } from './sw.look-up.ts';
import { secretsOf, SwSession, type SwOptions } from './sw.session.ts';

/** Body of every answer; what we do not read is not judged. */
const body = z.object({
  status: z.string(),
  message: z.string().nullish(),
  messageDetail: z.string().nullish(),
  data: z.object({ cfdi: z.string().nullish(), tfd: z.string().nullish() }).nullish(),
});

/** SW sapien's REST service, stamping version 4 (`/v4/cfdi33/stamp/v4`; the path says 33 and takes 4.0). */
export class SwPac extends Pac {
  readonly name: string;
  readonly host: string;
  readonly #options: SwOptions;
  readonly #clock: Clock;
  readonly #session: SwSession;

  constructor(options: SwOptions, clock: Clock) {
    super();
    this.name = options.name;
    this.host = new URL(options.url).host;
    this.#options = options;
    this.#clock = clock;
    this.#session = new SwSession(options, clock);
  }

  stamp(envio: Envio, signal: AbortSignal): Promise<Verdict> {
    const { emptyMs } = this.#options;
    return untilCaughtUp(() => this.#once(envio, signal), { clock: this.#clock, emptyMs, signal });
  }

  /** SW finds a stamp by its UUID alone, never by the seal: the same bytes sent again (307) are the way to ask. */
  lookUp({ uuid }: SentBefore, signal: AbortSignal): Promise<Found> {
    if (uuid === undefined) return Promise.resolve({ kind: 'unsupported' });
    return new SwLookUp(this.#options, this.#session, this.#clock).byUuid(uuid, signal);
  }

  cancel(request: CancelRequest, signal: AbortSignal): Promise<CancelAnswer> {
    return new SwCancel(this.#options, this.#session, this.#clock).cancel(request, signal);
  }

  balance(_rfcs: readonly string[], signal: AbortSignal): Promise<Balance> {
    return swBalance(this.#options, this.#session, signal);
  }

  async #once(envio: Envio, signal: AbortSignal): Promise<Verdict> {
    const token = await this.#session.token();
    if (typeof token !== 'string') return token;
    const first = await this.#send(envio, token, signal);
    if (isFailure(first) || first.status !== 401) return this.#judge(first, envio);
    // The token ended early. The PAC looks at it before it reads the comprobante, so nothing was stamped.
    this.#session.forget(token);
    const renewed = await this.#session.token();
    return typeof renewed === 'string' ? this.#judge(await this.#send(envio, renewed, signal), envio) : renewed;
  }

  async #send({ customid, bytes }: Envio, token: string, signal: AbortSignal): ReturnType<typeof exchange> {
    const { type, body: form } = oneFile('xml', 'comprobante.xml', 'text/xml', bytes);
    return exchange(new URL('/v4/cfdi33/stamp/v4', this.#options.url).href, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, customid, 'content-type': type },
      body: form,
      signal: AbortSignal.any([signal, AbortSignal.timeout(this.#options.timeoutMs)]),
    });
  }

  #judge(result: Awaited<ReturnType<typeof exchange>>, envio: Envio): Verdict {
    if (isFailure(result)) return unanswered(result);
    const skewMs = skewOf(result.headers, this.#clock.now());
    const verdict = this.#read(result, envio);
    return skewMs === undefined ? verdict : { ...verdict, skewMs };
  }

  #read(answer: HttpAnswer, envio: Envio): Verdict {
    const retryAfterMs = retryAfterOf(answer.headers, this.#clock.now());
    const later = retryAfterMs === undefined ? {} : { retryAfterMs };
    const parsed = body.safeParse(jsonIn(answer.text));
    if (!parsed.success || answer.status >= 500 || answer.status === 429 || answer.status === 408) {
      return { kind: 'unknown', code: `http-${answer.status}`, message: 'El PAC respondió con una falla.', ...later };
    }
    const { status, message, messageDetail, data } = parsed.data;
    if (status === 'success') {
      return data?.cfdi ? { kind: 'stamped', xml: data.cfdi, previous: false } : NOTHING;
    }
    const said = harmless([message ?? '', messageDetail ?? ''], secretsOf(this.#options));
    return refusal(codeIn(message ?? '') ?? `http-${answer.status}`, said, data ?? {}, envio);
  }
}

const NOTHING: Verdict = {
  kind: 'unknown',
  code: 'no-cfdi',
  message: 'El PAC dijo que timbró y no dio el comprobante.',
};

function refusal(
  code: string,
  message: string,
  data: { readonly cfdi?: string | null | undefined; readonly tfd?: string | null | undefined },
  envio: Envio,
): Verdict {
  const meaning = meaningOf(code, message);
  if (meaning === undefined || meaning === 'transient') return { kind: 'unknown', code, message };
  if (meaning !== 'previous') return { kind: 'refused', of: meaning, code, message };
  const xml = data.cfdi || (data.tfd ? conTimbre(envio.bytes, data.tfd) : '');
  if (xml === '') return { kind: 'unknown', code: EMPTY, message };
  return { kind: 'stamped', xml, previous: true };
}
