import type { Clock } from '@nexora/runtime';
import type { Balance } from './balance.ts';
import type { CancelAnswer, CancelRequest } from './cancel-answer.ts';
import { EMPTY, untilCaughtUp } from './catching-up.ts';
import { meaningOf } from './codigos.ts';
import { finkokBalance } from './finkok.balance.ts';
import { finkokCancel } from './finkok.cancel.ts';
import { incidenciasIn, xmlIn } from './finkok.incidencias.ts';
import { FinkokLookUp } from './finkok.look-up.ts';
import { FinkokService, type FinkokOptions, type Heard } from './finkok.service.ts';
import { Pac, type Envio, type Found, type SentBefore, type Verdict } from './pac.ts';

/** Finkok's SOAP services. It has no customid: its only lock against a second stamp is that of the same bytes (307). */
export class FinkokPac extends Pac {
  readonly name: string;
  readonly host: string;
  readonly #options: FinkokOptions;
  readonly #clock: Clock;
  readonly #service: FinkokService;
  readonly #past: FinkokLookUp;

  constructor(options: FinkokOptions, clock: Clock) {
    super();
    this.name = options.name;
    this.host = new URL(options.url).host;
    this.#options = options;
    this.#clock = clock;
    this.#service = new FinkokService(options, clock);
    this.#past = new FinkokLookUp(this.#service, clock, options.lagMs);
  }

  stamp(envio: Envio, signal: AbortSignal): Promise<Verdict> {
    const { emptyMs } = this.#options;
    return untilCaughtUp((round) => this.#asked(envio, round, signal), { clock: this.#clock, emptyMs, signal });
  }

  lookUp(sent: SentBefore, signal: AbortSignal): Promise<Found> {
    return this.#past.lookUp(sent, signal);
  }

  cancel(request: CancelRequest, signal: AbortSignal): Promise<CancelAnswer> {
    return finkokCancel(this.#service, request, signal);
  }

  balance(rfcs: readonly string[], signal: AbortSignal): Promise<Balance> {
    return finkokBalance(this.#service, rfcs, signal);
  }

  /** After an empty 307 the same bytes and the look-up in turn: which of them knows first is not to be foretold. */
  async #asked(envio: Envio, round: number, signal: AbortSignal): Promise<Verdict> {
    if (round % 2 === 0) return this.#stampOnce(envio, signal);
    const found = await this.#past.byBytes(envio.bytes, signal);
    const { skewMs } = found;
    if (found.kind !== 'found') return { kind: 'unknown', code: EMPTY, message: 'El PAC aún no encuentra el timbre.' };
    return { kind: 'stamped', xml: found.xml, previous: true, ...(skewMs === undefined ? {} : { skewMs }) };
  }

  async #stampOnce({ bytes }: Envio, signal: AbortSignal): Promise<Verdict> {
    const heard = await this.#service.call('stamp', 'stamp', { xml: bytes.toString('base64') }, signal);
    return heard.kind === 'heard' ? this.#judge(heard) : heard;
  }

  /** With a stamped comprobante it is stamped, whatever else is complained of: 501 and 708 come with one, too. */
  #judge({ result, skewMs }: Heard): Verdict {
    const shown = skewMs === undefined ? {} : { skewMs };
    const incidencias = incidenciasIn(result);
    const isPrevious = incidencias.some(({ code }) => code === '307');
    const xml = xmlIn(result);
    if (xml !== '') return { kind: 'stamped', xml, previous: isPrevious, ...shown };
    const [first] = incidencias;
    if (first === undefined) {
      return { kind: 'unknown', code: 'no-cfdi', message: 'El PAC no dio el comprobante ni dijo por qué.', ...shown };
    }
    const message = this.#service.harmless(first.message, first.extra);
    if (isPrevious) return { kind: 'unknown', code: EMPTY, message, ...shown };
    const { code } = first;
    const meaning = meaningOf(code, message);
    if (meaning === undefined || meaning === 'transient' || meaning === 'previous') {
      return { kind: 'unknown', code, message, ...shown };
    }
    return { kind: 'refused', of: meaning, code, message, ...shown };
  }
}
