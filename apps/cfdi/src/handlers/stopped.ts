import type { ErrorDelComprobante, Estado } from '../comprobante/estados.ts';
import type { Stopped } from '../store/stranded.ts';
import { STOPPED_IN_DOUBT } from './conclusion.ts';

/** Where a comprobante rests whose job ended without a word of its handler, and what a person is told. */
export interface Rest {
  readonly estado: Estado;
  readonly error: ErrorDelComprobante;
  /** The fault is in this program, not in what anybody did. */
  readonly isOurs: boolean;
}

/** Why a comprobante waits that is tried again and again and fails each time before it can say why. */
export const FAILING =
  'El programa falló al preparar este comprobante y lo intenta de nuevo por sí solo. Si sigue así, avise a soporte.';

const RETRY = 'Presione «Reintentar» para intentarlo otra vez.';
const SUPPORT = 'Avise a soporte; con «Reintentar» se intenta de nuevo.';

/**
 * What becomes of a comprobante whose job rests although the row would go on. Stamped ones keep their state, for the
 * stamp is safe. Of the others nothing is guessed: with an attempt of unknown outcome it is in review, else it is as
 * good as never handed over, and a person decides.
 */
export function restOf({ estado, job, code, isDoubtful }: Stopped): Rest {
  const isOurs = job === 'dead';
  if (estado === 'timbrado' || estado === 'almacenado') return { estado, error: keeping(estado, job, code), isOurs };
  if (job === 'in_doubt') return { estado: 'revision', error: STOPPED_IN_DOUBT, isOurs };
  if (isDoubtful) return { estado: 'revision', error: job === 'dead' ? died(true, code) : STOPPED_IN_DOUBT, isOurs };
  return { estado: 'rechazado', error: job === 'dead' ? died(false, code) : CANCELLED, isOurs };
}

const CANCELLED: ErrorDelComprobante = {
  code: 'cfdi.stopped',
  field: null,
  message: 'Una persona canceló el timbrado de este comprobante. No se timbró.',
  remedy: 'Presione «Reintentar» para timbrarlo tal cual, o corríjalo y guárdelo. Si ya no se necesita, déjelo así.',
};

function died(isDoubtful: boolean, code: string | null): ErrorDelComprobante {
  const message = isDoubtful
    ? 'El programa falló cuando la petición ya había salido: no se sabe si el PAC timbró.'
    : 'El programa falló al preparar este comprobante y ya no lo intenta por sí solo. No se timbró.';
  const remedy = isDoubtful
    ? 'Avise a soporte. Con «Reintentar» se pregunta al PAC con los mismos datos, y no timbra dos veces.'
    : SUPPORT;
  return { code: code ?? 'cfdi.ours', field: null, message, remedy };
}

function keeping(estado: 'timbrado' | 'almacenado', job: Stopped['job'], code: string | null): ErrorDelComprobante {
  const what =
    estado === 'timbrado'
      ? ['Ya está timbrado y su XML está a salvo en la base de datos, pero', 'guardarlo en el almacén']
      : ['Ya está timbrado y su XML está guardado, pero', 'hacer el PDF'];
  if (job === 'cancelled') {
    const message = `${what[0]} una persona canceló el trabajo de ${what[1]}.`;
    return { code: 'cfdi.stopped', field: null, message, remedy: RETRY };
  }
  return { code: code ?? 'cfdi.ours', field: null, message: `${what[0]} no se pudo ${what[1]}.`, remedy: SUPPORT };
}
