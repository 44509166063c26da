import type { Clock } from '@nexora/runtime';
import { z } from 'zod';
import { exchange, harmless, isFailure, jsonIn, skewOf, unanswered } from './answer.ts';
import { codeIn } from './codigos.ts';
import type { Found } from './pac.ts';
import { isNoToken, withToken } from './sw.request.ts';
import { secretsOf, type SwOptions, type SwSession } from './sw.session.ts';

/** Body of the answer; what we do not read is not judged. */
const body = z.object({
  message: z.string().nullish(),
  data: z.object({ records: z.array(z.object({ urlXml: z.string().nullish() })).nullish() }).nullish(),
});

/** Asks SW's storage for a stamp by its UUID (`GET /datawarehouse/v1/live/<uuid>`, on the host `api.` of the same name). */
export class SwLookUp {
  readonly #options: SwOptions;
  readonly #session: SwSession;
  readonly #clock: Clock;

  constructor(options: SwOptions, session: SwSession, clock: Clock) {
    this.#options = options;
    this.#session = session;
    this.#clock = clock;
  }

  /** That the storage does not know a UUID proves nothing: it keeps what it keeps, and is filled after the stamp. */
  async byUuid(uuid: string, signal: AbortSignal): Promise<Found> {
    const url = new URL(`/datawarehouse/v1/live/${encodeURIComponent(uuid)}`, this.#options.url);
    url.hostname = url.hostname.replace(/^services\./, 'api.');
    const record = await withToken(this.#session, url.href, { signal: this.#bounded(signal) });
    if (isNoToken(record)) return record.kind === 'unsent' ? record : { ...record, kind: 'unknown' };
    if (isFailure(record)) return unanswered(record);
    const skewMs = skewOf(record.headers, this.#clock.now());
    const shown = skewMs === undefined ? {} : { skewMs };
    const parsed = body.safeParse(jsonIn(record.text));
    const { data, message } = parsed.success ? parsed.data : {};
    if (record.status !== 200 || !data) {
      const code = codeIn(message ?? '') ?? `http-${record.status}`;
      return { kind: 'unknown', code, message: harmless([message ?? FAULTY], secretsOf(this.#options)), ...shown };
    }
    const address = data.records?.[0]?.urlXml;
    return address ? this.#file(address, signal) : { kind: 'unsupported', ...shown };
  }

  /** The XML lies at an address that needs no login: it gets none. */
  async #file(address: string, signal: AbortSignal): Promise<Found> {
    if (!/^https?:/.test(address)) return { kind: 'unknown', code: 'no-address', message: FAULTY };
    const file = await exchange(address, { signal: this.#bounded(signal) });
    if (isFailure(file)) return unanswered(file);
    if (file.status === 200) return { kind: 'found', xml: file.text };
    return { kind: 'unknown', code: `http-${file.status}`, message: FAULTY };
  }

  #bounded(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, AbortSignal.timeout(this.#options.timeoutMs)]);
  }
}

const FAULTY = 'El PAC respondió con una falla.';
