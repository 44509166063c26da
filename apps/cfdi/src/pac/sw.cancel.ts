import type { Clock } from '@nexora/runtime';
import { z } from 'zod';
import { estatusEnAcuse } from '../cancelacion/acuse.ts';
import { isFailure, jsonIn, retryAfterOf, skewOf, type HttpAnswer } from './answer.ts';
import type { CancelAnswer, CancelRequest } from './cancel-answer.ts';
import { cancelCodeIn, pacCodeIn, speaksOfTheRequest } from './cancel-codes.ts';
import { cancelVerdict, unansweredCancel } from './cancel-verdict.ts';
import { codeIn } from './codigos.ts';
import { oneFile } from './multipart.ts';
import { isNoToken, withToken } from './sw.request.ts';
import type { SwOptions, SwSession } from './sw.session.ts';

/** Body of an answer: in `uuid` the tax authority's code by folio fiscal, in whatever case. */
const body = z.object({
  status: z.string(),
  message: z.string().nullish(),
  messageDetail: z.string().nullish(),
  data: z.object({ acuse: z.string().nullish(), uuid: z.record(z.string(), z.coerce.string()).nullish() }).nullish(),
});

/** Cancels through SW's service with the document signed here (`POST /cfdi33/cancel/xml`). */
export class SwCancel {
  readonly #options: SwOptions;
  readonly #session: SwSession;
  readonly #clock: Clock;

  constructor(options: SwOptions, session: SwSession, clock: Clock) {
    this.#options = options;
    this.#session = session;
    this.#clock = clock;
  }

  async cancel(request: CancelRequest, signal: AbortSignal): Promise<CancelAnswer> {
    const { type, body: form } = oneFile('xml', 'cancelacion.xml', 'text/xml', request.signed);
    const result = await withToken(this.#session, new URL('/cfdi33/cancel/xml', this.#options.url).href, {
      method: 'POST',
      headers: { 'content-type': type },
      body: form,
      signal: AbortSignal.any([signal, AbortSignal.timeout(this.#options.timeoutMs)]),
    });
    if (isNoToken(result)) return result.kind === 'unsent' ? result : { ...result, of: 'account' };
    if (isFailure(result)) return unansweredCancel(result);
    const skewMs = skewOf(result.headers, this.#clock.now());
    const answer = this.#read(result, request.uuid);
    return skewMs === undefined ? answer : { ...answer, skewMs };
  }

  #read(answer: HttpAnswer, uuid: string): CancelAnswer {
    const parsed = body.safeParse(jsonIn(answer.text));
    if (!parsed.success || answer.status >= 500 || answer.status === 429 || answer.status === 408) {
      const retryAfterMs = retryAfterOf(answer.headers, this.#clock.now());
      const later = retryAfterMs === undefined ? {} : { retryAfterMs };
      return { kind: 'unknown', code: `http-${answer.status}`, message: 'El PAC respondió con una falla.', ...later };
    }
    const { message, messageDetail, data } = parsed.data;
    const acuse = data?.acuse ?? null;
    const said = [message, messageDetail].filter((part) => part).join(' ');
    const ofFolio = folioCode(data, uuid);
    const code = ofFolio ?? faultCode(parsed.data) ?? `http-${answer.status}`;
    // What is told for the folio was decided; a fault with 400 was found before anything was asked of anybody.
    const isFault = answer.status === 400 && parsed.data.status === 'error';
    return cancelVerdict(code, said, acuse, (ofFolio !== undefined || isFault) && speaksOfTheRequest(code));
  }
}

type Body = z.output<typeof body>;

/** The tax authority's code for the folio. */
function folioCode(data: Body['data'], uuid: string): string | undefined {
  const said = Object.entries(data?.uuid ?? {}).find(([folio]) => folio.toLowerCase() === uuid)?.[1];
  return said ?? (data?.acuse ? estatusEnAcuse(data.acuse, uuid) : undefined);
}

/** The code of the fault: the detail knows more than the heading. */
function faultCode({ message, messageDetail }: Body): string | undefined {
  const [heading, detail] = [message ?? '', messageDetail ?? ''];
  return cancelCodeIn(detail) ?? cancelCodeIn(heading) ?? codeIn(heading) ?? pacCodeIn(detail) ?? pacCodeIn(heading);
}
