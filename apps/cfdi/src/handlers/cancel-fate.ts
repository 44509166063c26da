import { Later, Permanent } from '@nexora/agent';
import type { ProblemCode } from '@nexora/contracts';
import type { Decision } from '../cancelacion/decision.ts';
import type { ErrorDelComprobante } from '../comprobante/estados.ts';
import type { CancelAnswer, CancelRefused } from '../pac/cancel-answer.ts';
import type { Ended } from '../store/cancelaciones.ts';
import { pauseOr } from './resting.ts';

/** What the fate depends on beside the answer. */
export interface CancelCircumstances {
  readonly host: string;
  /** Since when the comprobante has been stamped, and the cancellation asked for: the younger of both, in milliseconds. */
  readonly ageMs: number;
  /** What the tax authority shows of the request, asked because of a doubt or an unlisted code; null: no need. */
  readonly shown: Decision | 'unanswered' | null;
}

/** Where answer and fate meet: what is written down, and what the job does next. */
export interface CancelConclusion {
  readonly ended: Ended;
  readonly then:
    | { readonly kind: 'taken'; readonly acuse: string | null; readonly previous: boolean }
    | { readonly kind: 'cancelled'; readonly how: string }
    /** It came to nothing; the comprobante goes back to `listo` with the reason. `dead`: the fault is ours. */
    | { readonly kind: 'rejected'; readonly error: ErrorDelComprobante; readonly dead: Permanent | null }
    /** `isDoubtful`: the tax authority may have the request. */
    | {
        readonly kind: 'waits';
        readonly error: ErrorDelComprobante;
        readonly fate: Error;
        readonly isDoubtful: boolean;
      };
}

/** An attempt that failed for the moment: the job is tried again by its policy. */
export class NotAskedYet extends Error {
  override readonly name = 'NotAskedYet';
  readonly code: ProblemCode = 'cfdi.transient';

  constructor(readonly pacCode: string) {
    super(`the tax authority has no request yet (${pacCode})`);
  }
}

const HOUR_MS = 3_600_000;
/** The tax authority may not know a comprobante for this long after its stamp. */
const UNKNOWN_FOR_MS = 72 * HOUR_MS;

/** The one place where an answer about a cancellation becomes the fate of its job. */
export function cancelFateOf(answer: CancelAnswer, circumstances: CancelCircumstances): CancelConclusion {
  if (answer.kind === 'asked') {
    const { code, message, acuse } = answer;
    return {
      ended: { outcome: 'asked', code, message },
      then: { kind: 'taken', acuse, previous: code === '202' },
    };
  }
  const { code, message } = answer;
  const ended: Ended = { outcome: answer.kind, code, message };
  return { ended, then: shownInstead(circumstances.shown) ?? thenOf(answer, circumstances) };
}

/** An earlier try of unknown outcome did reach the tax authority: its word counts more than this answer. */
function shownInstead(shown: CancelCircumstances['shown']): CancelConclusion['then'] | null {
  if (shown === null || shown === 'unanswered' || shown.kind === 'nothing') return null;
  if (shown.kind === 'cancelled') return { kind: 'cancelled', how: shown.how };
  if (shown.kind === 'rejected') return { kind: 'rejected', error: RECHAZADA_POR_EL_RECEPTOR, dead: null };
  return { kind: 'taken', acuse: null, previous: true };
}

function thenOf(
  answer: Exclude<CancelAnswer, { readonly kind: 'asked' }>,
  circumstances: CancelCircumstances,
): CancelConclusion['then'] {
  const { host, shown } = circumstances;
  switch (answer.kind) {
    case 'unsent': {
      const error = waiting(answer.message, 'No haga nada: se envía sola cuando haya conexión.');
      const fate = answer.offline ? new Later('internet', 'offline', host) : new NotAskedYet(answer.code);
      return { kind: 'waits', error, fate, isDoubtful: shown !== null };
    }
    case 'unknown': {
      const { code, retryAfterMs } = answer;
      const error = waiting(
        `No se sabe si el SAT recibió la solicitud de cancelación (${code}): ${answer.message}`,
        'No haga nada: se envía la misma solicitud otra vez y se le pregunta al SAT.',
      );
      const fate = pauseOr(retryAfterMs, new NotAskedYet(code));
      return { kind: 'waits', error, fate, isDoubtful: true };
    }
    case 'refused':
      return refused(answer, circumstances);
  }
}

function refused(answer: CancelRefused, { ageMs, shown }: CancelCircumstances): CancelConclusion['then'] {
  const { code, message } = answer;
  const isDoubtful = shown !== null;
  const waits = (error: ErrorDelComprobante, fate: Error): CancelConclusion['then'] => ({
    kind: 'waits',
    error,
    fate,
    isDoubtful,
  });
  switch (answer.of) {
    case 'account':
      return waits(
        waiting(
          `La cuenta del PAC no puede cancelar (${code}): ${message}`,
          'Revise la cuenta; se intenta cada 15 minutos.',
        ),
        new Later('15m', `account refused: ${code}`),
      );
    case 'wait':
      return waits(
        waiting(
          `El SAT pide esperar 72 horas antes de otra solicitud (${code}).`,
          'No haga nada: se envía sola después.',
        ),
        new Later('72h', 'the tax authority asked for 72 hours'),
      );
    case 'unknown-uuid':
      if (ageMs < UNKNOWN_FOR_MS) {
        return waits(
          waiting(
            `El SAT todavía no conoce el comprobante (${code}).`,
            'No haga nada: llega al SAT minutos u horas después del timbrado.',
          ),
          new NotAskedYet(code),
        );
      }
      break;
    default:
  }
  // What was never answered for may have been taken: nothing is final before the tax authority has said so.
  if (shown === 'unanswered') {
    const error = waiting(
      `No se aceptó la solicitud (${code}) y falta saber si el SAT ya tiene una.`,
      'No haga nada: se le pregunta al SAT.',
    );
    return waits(error, new NotAskedYet(code));
  }
  const dead = answer.of === 'ours' ? new Permanent('cfdi.ours', { pacCode: code }) : null;
  return { kind: 'rejected', error: reasonOf(answer), dead };
}

/** What a person is told who asked for the cancellation. */
function reasonOf({ of, code, message }: CancelRefused): ErrorDelComprobante {
  const [field, sentence, remedy] = REASONS[of];
  const said = message === '' ? '' : ` ${message}`;
  return { code: 'cfdi.cancellation-refused', field, message: `${sentence} (${code}).${said}`, remedy };
}

const AGAIN = 'Corríjalo y vuelva a pedir la cancelación.';
const REASONS: Readonly<
  Record<CancelRefused['of'], readonly [field: string | null, sentence: string, remedy: string]>
> = {
  'unknown-uuid': [
    null,
    'Después de 72 horas el SAT sigue sin conocer el comprobante',
    'Pregunte a su PAC si lo entregó al SAT, y vuelva a pedir la cancelación cuando aparezca como Vigente.',
  ],
  'not-cancellable': [
    null,
    'El SAT dice que el comprobante no se puede cancelar',
    'Cancele primero los comprobantes relacionados con él (notas de crédito, pagos), y vuelva a pedirla.',
  ],
  spent: [
    null,
    'Ya se usaron las cinco solicitudes de cancelación que permite el SAT',
    'Pida al receptor que la acepte en el portal del SAT, o acuda al SAT.',
  ],
  rfc: [
    null,
    'El SAT dice que el comprobante es de otro RFC',
    'Avise a soporte: el emisor y el certificado no coinciden.',
  ],
  motivo: ['motivo', 'El SAT no aceptó el motivo de cancelación', AGAIN],
  sustituto: ['folioSustitucion', 'El SAT no aceptó el comprobante que sustituye a este', AGAIN],
  late: [null, 'Ya venció el plazo para cancelar el comprobante', 'Consulte a su contador: queda vigente.'],
  certificate: [null, 'El CSD no es válido para cancelar', 'Instale un CSD vigente y vuelva a pedir la cancelación.'],
  account: [null, 'La cuenta del PAC no puede cancelar', AGAIN],
  wait: [null, 'El SAT pide esperar 72 horas', 'Vuelva a pedirla después.'],
  unlisted: [
    null,
    'El PAC no aceptó la solicitud de cancelación',
    'Corrija lo que dice el PAC y vuelva a pedirla; si no queda claro, pregúntele a su PAC por el código.',
  ],
  ours: [
    null,
    'La solicitud de cancelación se generó mal por un error del programa',
    'Avise a soporte; el comprobante sigue vigente.',
  ],
};

/** What a person reads when the receiver said no. */
export const RECHAZADA_POR_EL_RECEPTOR: ErrorDelComprobante = {
  code: 'cfdi.cancellation-refused',
  field: null,
  message: 'El receptor rechazó la cancelación: el comprobante sigue vigente.',
  remedy: 'Póngase de acuerdo con él y vuelva a pedirla; la segunda vez no hay plazo y debe aceptarla.',
};

function waiting(message: string, remedy: string): ErrorDelComprobante {
  return { code: 'cfdi.transient', field: null, message, remedy };
}
