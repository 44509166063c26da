import { attributeOf, childrenOf, readXml } from '@nexora/comprobante';
import type { Clock } from '@nexora/runtime';
import { CFDI } from '../comprobante/espacios.ts';
import { incidenciasIn, xmlIn } from './finkok.incidencias.ts';
import type { FinkokService } from './finkok.service.ts';
import type { Found, SentBefore } from './pac.ts';
import { textOf } from './soap.ts';

/** "El CFDI no contiene un timbre previo": also said for some seconds after a stamp. */
const NO_PREVIOUS_STAMP = '603';
const PAUSE_MS = 2_000;

/** Asks Finkok what it stamped: by the same bytes (`stamped`), and by UUID (`get_xml`, three months; `query_pending`). */
export class FinkokLookUp {
  readonly #service: FinkokService;
  readonly #clock: Clock;
  readonly #lagMs: number;

  constructor(service: FinkokService, clock: Clock, lagMs: number) {
    this.#service = service;
    this.#clock = clock;
    this.#lagMs = lagMs;
  }

  /**
   * To be asked when no request with these bytes is under way. A "never" is believed only when the service has said it
   * for as long as its records may lag behind a stamp of the moment before. With a UUID there was a stamp: that it is
   * not found is no "never" then.
   */
  async lookUp(sent: SentBefore, signal: AbortSignal): Promise<Found> {
    const end = this.#clock.monotonic() + this.#lagMs;
    for (;;) {
      const found = await this.#once(sent, signal);
      if (found.kind !== 'never') return found;
      const left = end - this.#clock.monotonic();
      if (left <= 0) return sent.uuid === undefined ? found : NOT_FOUND;
      await this.#clock.sleep(Math.min(left, PAUSE_MS), signal);
      if (signal.aborted) return NOT_FOUND;
    }
  }

  /** One question by the sealed bytes. `never` says what the service said, which may be too early. */
  async byBytes(bytes: Buffer, signal: AbortSignal): Promise<Found> {
    const heard = await this.#service.call('stamp', 'stamped', { xml: bytes.toString('base64') }, signal);
    if (heard.kind !== 'heard') return heard;
    const shown = heard.skewMs === undefined ? {} : { skewMs: heard.skewMs };
    const xml = xmlIn(heard.result);
    if (xml !== '') return { kind: 'found', xml, ...shown };
    const [first, ...others] = incidenciasIn(heard.result);
    const isNever = first !== undefined && [first, ...others].every(({ code }) => code === NO_PREVIOUS_STAMP);
    if (isNever) return { kind: 'never', ...shown };
    const message = this.#service.harmless(first?.message ?? NOT_FOUND.message, first?.extra ?? '');
    return { kind: 'unknown', code: first?.code ?? NOT_FOUND.code, message, ...shown };
  }

  async #once({ bytes, uuid }: SentBefore, signal: AbortSignal): Promise<Found> {
    const found = await this.byBytes(bytes, signal);
    if (found.kind !== 'never' || uuid === undefined) return found;
    const byUuid = await this.#byUuid(uuid, rfcIn(bytes), signal);
    return byUuid ?? found;
  }

  /** `undefined` when neither place knows it. */
  async #byUuid(uuid: string, rfc: string, signal: AbortSignal): Promise<Found | undefined> {
    const asked = { uuid: uuid.toUpperCase(), taxpayer_id: rfc, invoice_type: 'I' };
    const kept = await this.#service.call('utilities', 'get_xml', asked, signal);
    if (kept.kind !== 'heard') return kept;
    if (xmlIn(kept.result) !== '') return { kind: 'found', xml: xmlIn(kept.result) };
    const pending = await this.#service.call('stamp', 'query_pending', { uuid: asked.uuid }, signal);
    if (pending.kind !== 'heard') return pending;
    const xml = xmlIn(pending.result);
    if (xml !== '') return { kind: 'found', xml };
    return textOf(pending.result, 'error') === '' ? NOT_FOUND : undefined;
  }
}

const NOT_FOUND = {
  kind: 'unknown',
  code: 'not-found',
  message: 'El PAC no encuentra el timbre por ahora.',
} as const satisfies Found;

function rfcIn(bytes: Buffer): string {
  const [emisor] = childrenOf(readXml(bytes).root, CFDI, 'Emisor');
  return emisor === undefined ? '' : (attributeOf(emisor, 'Rfc') ?? '');
}
