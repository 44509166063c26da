import type { HttpFailure } from './answer.ts';
import type { CancelAnswer } from './cancel-answer.ts';
import { cancelMeaningOf } from './cancel-codes.ts';

/** A PAC's own words are shown, in reasonable length. */
const HARMLESS_LENGTH = 500;

/** What a code, the words beside it and the acknowledgement come to. A code that nobody listed settles nothing. */
export function cancelVerdict(code: string, said: string, acuse: string | null): CancelAnswer {
  const message = said.slice(0, HARMLESS_LENGTH);
  const meaning = cancelMeaningOf(code.toUpperCase());
  if (meaning === 'asked') return { kind: 'asked', code: '201', message, acuse };
  if (meaning === 'asked-before') return { kind: 'asked', code: '202', message, acuse };
  if (meaning === undefined || meaning === 'transient') return { kind: 'unknown', code, message };
  return { kind: 'refused', of: meaning, code, message };
}

/** The answer over a request that got no whole answer. */
export function unansweredCancel({ early, code }: HttpFailure): CancelAnswer {
  return early
    ? { kind: 'unsent', offline: true, code, message: 'No hay conexión con el PAC.' }
    : { kind: 'unknown', code, message: 'El PAC no respondió.' };
}
