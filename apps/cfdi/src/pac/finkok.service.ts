import type { XmlElement } from '@nexora/comprobante';
import type { Clock } from '@nexora/runtime';
import type { Shown, Unknown, Unsent } from './answer-kinds.ts';
import { exchange, harmless, isFailure, retryAfterOf, skewOf, unanswered, type HttpAnswer } from './answer.ts';
import { soapAnswer, soapCall } from './soap.ts';

/** How to reach Finkok's services and how patient to be. */
export interface FinkokOptions {
  /** Name under which attempts are kept: `finkok`, or `sandbox` for our own service of the same protocol. */
  readonly name: string;
  /** What stands before `/servicios/soap/…`. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** Whole time of one request. */
  readonly timeoutMs: number;
  /** How long an empty 307 is asked after. */
  readonly emptyMs: number;
  /** How long the look-up may not know a stamp that was made: up to 8 s were seen. */
  readonly lagMs: number;
}

/** The service said something that can be read: the result of the operation, and the clock of its answer. */
export type Heard = { readonly kind: 'heard'; readonly result: XmlElement } & Shown;

/** Finkok's SOAP services: calls with the account's user and password in the body. */
export class FinkokService {
  readonly #options: FinkokOptions;
  readonly #clock: Clock;

  constructor(options: FinkokOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** Calls an operation of a service (`stamp`, `utilities` …) with its other fields, in the order given. */
  async call(
    service: string,
    operation: string,
    fields: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Heard | ((Unsent | Unknown) & Shown)> {
    const { user: username, password, timeoutMs } = this.#options;
    const namespace = `http://facturacion.finkok.com/${service}`;
    const answer = await exchange(this.#address(service), {
      method: 'POST',
      headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: `"${operation}"` },
      body: soapCall(namespace, operation, { ...fields, username, password }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    if (isFailure(answer)) return unanswered(answer);
    const skewMs = skewOf(answer.headers, this.#clock.now());
    return { ...this.#read(answer, operation), ...(skewMs === undefined ? {} : { skewMs }) };
  }

  /** A PAC's own words in reasonable length, whatever of our account it may repeat in them left out. */
  harmless(...said: readonly string[]): string {
    return harmless(said, [this.#options.password, this.#options.user]);
  }

  #address(service: string): string {
    return `${this.#options.url.replace(/\/+$/, '')}/servicios/soap/${service}`;
  }

  #read(answer: HttpAnswer, operation: string): Heard | Unknown {
    const { status, headers, text } = answer;
    const said = soapAnswer(text, operation);
    const isFault = status >= 500 || status === 429 || status === 408;
    if (said !== undefined && 'result' in said && !isFault) return { kind: 'heard', result: said.result };
    const fault = said !== undefined && 'fault' in said ? said.fault : '';
    const retryAfterMs = retryAfterOf(headers, this.#clock.now());
    return {
      kind: 'unknown',
      code: `http-${status}`,
      message: this.harmless('El PAC respondió con una falla.', fault),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
  }
}
