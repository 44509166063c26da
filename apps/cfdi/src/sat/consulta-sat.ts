import { leeEstado, preguntaAlSat, type EstadoSat } from '../cancelacion/consulta.ts';
import { exchange, isFailure } from '../pac/answer.ts';
import type { Unknown, Unsent } from '../pac/answer-kinds.ts';

const ACTION = 'http://tempuri.org/IConsultaCFDIService/Consulta';

/** What came of a question at the consultation service. */
export type Consulted = { readonly kind: 'told'; readonly estado: EstadoSat } | Unsent | Unknown;

/** How to reach the service and how patient to be. */
export interface ConsultaOptions {
  readonly url: string;
  readonly timeoutMs: number;
}

/** The tax authority's consultation service (SOAP, `Consulta`, no login). */
export class ConsultaSat {
  /** Host and port, for hints and circuit breakers. */
  readonly host: string;
  readonly #options: ConsultaOptions;

  constructor(options: ConsultaOptions) {
    this.host = new URL(options.url).host;
    this.#options = options;
  }

  /** Asks by the printed expression. Answers whatever service and line do; throws only for a fault of its own. */
  async ask(expresion: string, signal: AbortSignal): Promise<Consulted> {
    const result = await exchange(this.#options.url, {
      method: 'POST',
      headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: `"${ACTION}"` },
      body: preguntaAlSat(expresion),
      signal: AbortSignal.any([signal, AbortSignal.timeout(this.#options.timeoutMs)]),
    });
    if (isFailure(result)) {
      const { early: offline, code } = result;
      return offline
        ? { kind: 'unsent', offline, code, message: 'No hay conexión con el SAT.' }
        : { kind: 'unknown', code, message: 'El SAT no respondió.' };
    }
    const estado = result.status === 200 ? leeEstado(result.text) : undefined;
    if (estado !== undefined) return { kind: 'told', estado };
    return { kind: 'unknown', code: `http-${result.status}`, message: 'El servicio de consulta del SAT falló.' };
  }
}
