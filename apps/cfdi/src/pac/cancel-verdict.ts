import type { HttpFailure } from './answer.ts';
import type { CancelAnswer } from './cancel-answer.ts';
import { cancelMeaningOf } from './cancel-codes.ts';

/** A PAC's own words are shown, in reasonable length. */
const HARMLESS_LENGTH = 500;

/**
 * What a code, the words beside it and the acknowledgement come to.
 * @param isDefinite by the shape of the answer it is a refusal, whatever its code; else an unlisted code settles nothing
 */
export function cancelVerdict(code: string, said: string, acuse: string | null, isDefinite: boolean): CancelAnswer {
  const message = said.slice(0, HARMLESS_LENGTH);
  const meaning = cancelMeaningOf(code.toUpperCase());
  if (meaning === 'asked') return { kind: 'asked', code: '201', message, acuse };
  if (meaning === 'asked-before') return { kind: 'asked', code: '202', message, acuse };
  if (meaning === undefined && isDefinite) return { kind: 'refused', of: 'unlisted', code, message };
  // Letters are trouble of the PAC itself; numbers are the tax authority's.
  if (meaning === 'transient') return { kind: 'unknown', code, message, answered: /^[0-9]/.test(code) };
  if (meaning === undefined) return { kind: 'unknown', code, message, answered: true };
  return { kind: 'refused', of: meaning, code, message };
}

/** The answer over a request that got no whole answer. */
export function unansweredCancel({ early, code }: HttpFailure): CancelAnswer {
  return early
    ? { kind: 'unsent', offline: true, code, message: 'No hay conexión con el PAC.' }
    : { kind: 'unknown', code, message: 'El PAC no respondió.' };
}
