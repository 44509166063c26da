import type { ErrorDelComprobante } from '../comprobante/estados.ts';
import { CANCELLATION_STOPPED, type StoppedCancelacion } from '../store/cancelaciones.ts';

/** What a person is told whose request to cancel goes out no more. */
export function stoppedCancelError({
  job,
  isDoubtful,
}: Pick<StoppedCancelacion, 'job' | 'isDoubtful'>): ErrorDelComprobante {
  const why =
    job === 'dead'
      ? 'El programa falló al enviar la solicitud de cancelación y ya no la envía por sí solo.'
      : 'Una persona detuvo la solicitud de cancelación.';
  const rest = isDoubtful
    ? [
        'Un intento ya había salido: no se sabe si el SAT la recibió. No se envía otra vez.',
        'No haga nada: se le pregunta al SAT. Si en 72 horas no la muestra, el comprobante queda listo como antes.',
      ]
    : ['Nada llegó al SAT: el comprobante sigue vigente.', 'Si todavía debe cancelarse, pídalo de nuevo.'];
  const [said = '', remedy = ''] = rest;
  return { code: CANCELLATION_STOPPED, field: null, message: `${why} ${said}`, remedy };
}

/** What a person reads when the tax authority shows nothing of a stopped request after so long. */
export const STOPPED_AND_NOT_SHOWN: ErrorDelComprobante = {
  code: CANCELLATION_STOPPED,
  field: null,
  message:
    'La solicitud de cancelación se detuvo y el SAT no la muestra después de 72 horas: el comprobante sigue vigente.',
  remedy: 'Si todavía debe cancelarse, pídalo de nuevo.',
};
