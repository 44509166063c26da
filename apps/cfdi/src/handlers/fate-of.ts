import { InDoubt, Later, Permanent } from '@nexora/agent';
import type { ProblemCode } from '@nexora/contracts';
import type { ErrorDelComprobante } from '../comprobante/estados.ts';
import type { Belief } from '../comprobante/timbre.ts';
import { faltaDelPac } from '../pac/faltas-del-pac.ts';
import type { Refused, Stamped, Verdict } from '../pac/pac.ts';
import type { Aftermath } from '../store/comprobantes.ts';
import type { Pause } from '../store/issuers.ts';

/** What came of a try that gave no stamp: the PAC's verdict, or a stamp that cannot be believed. */
export type NoStamp =
  | Exclude<Verdict, Stamped>
  | (Exclude<Belief, { readonly kind: 'ours' }> & { readonly previous: boolean; readonly skewMs?: number });

/** What the fate depends on beside the verdict. */
export interface Circumstances {
  readonly host: string;
  /** An earlier try with these bytes has an unknown outcome. */
  readonly hadDoubts: boolean;
  /** Age of the seal in milliseconds. */
  readonly sealAgeMs: number;
  /** Age of the CSD in this house in milliseconds. */
  readonly csdAgeMs: number;
}

/** Where verdict and fate meet: what is written down, who is stopped, and what the job does next. */
export interface Conclusion {
  readonly after: Aftermath;
  readonly pause: Pause | null;
  /** Thrown at the end. */
  readonly fate: Error;
}

/** An attempt that failed for the moment: the job is tried again by its policy. */
export class TriedInVain extends Error {
  override readonly name = 'TriedInVain';

  constructor(
    readonly code: ProblemCode,
    readonly pacCode: string,
  ) {
    super(`no stamp yet (${pacCode})`);
  }
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The clock may differ from the PAC's by this much before it, and not the document, is to blame. */
export const SKEW_STOPS_MS = 5 * MINUTE_MS;
const PROBE_MINUTES = 15;
/** The tax authority's lists lag behind a new CSD by up to this long. */
const LIST_LAG_MS = 72 * HOUR_MS;
const LAGGING: ReadonlySet<string> = new Set(['304', '402']);
/** A Fecha older than this may be what a "72 hours" refusal means. */
const OLD_SEAL_MS = 71 * HOUR_MS;

/** What a person reads when the job was stopped between request and answer. */
export const STOPPED_IN_DOUBT = {
  code: 'cfdi.unknown-outcome',
  field: null,
  message: 'Se detuvo el timbrado cuando la petición ya había salido: no se sabe si el PAC timbró.',
  remedy: 'Presione «Reintentar»: se pregunta al PAC con los mismos datos, y no timbra dos veces.',
} as const satisfies ErrorDelComprobante;

/** The one place where a PAC's verdict becomes the fate of a job and the next state of a comprobante. */
export function fateOf(noStamp: NoStamp, circumstances: Circumstances): Conclusion {
  switch (noStamp.kind) {
    case 'unsent':
      return unsent(noStamp, circumstances);
    case 'unknown':
      return unknown(noStamp);
    case 'unbelievable':
      return doubted('cfdi.unknown-outcome', noStamp.why);
    case 'foreign':
      // The first answer may be a slip of the PAC; when it repeats it, only a person can tell.
      return noStamp.previous ? review('cfdi.foreign-stamp', noStamp.why) : doubted('cfdi.foreign-stamp', noStamp.why);
    case 'refused':
      return refused(noStamp, circumstances);
  }
}

/** What stays as it is unless the case says otherwise. */
function after(changes: Partial<Aftermath> & Pick<Aftermath, 'outcome' | 'code' | 'message' | 'estado'>): Aftermath {
  return { motivo: null, error: null, settlesDoubts: false, unseal: null, ...changes };
}

function unsent(
  { offline, code, message }: Extract<NoStamp, { kind: 'unsent' }>,
  { hadDoubts, host }: Circumstances,
): Conclusion {
  return {
    after: after({ outcome: 'unsent', code, message, estado: hadDoubts ? 'enviando' : 'sellado', motivo: message }),
    pause: null,
    fate: offline ? new Later('internet', 'offline', host) : new TriedInVain('cfdi.transient', code),
  };
}

function unknown({ code, message, retryAfterMs }: Extract<NoStamp, { kind: 'unknown' }>): Conclusion {
  const error = {
    code: 'cfdi.transient',
    field: null,
    message: `El PAC no confirmó el timbrado (${code}).`,
    remedy: 'No haga nada: se envían los mismos datos otra vez, y el PAC no timbra dos veces.',
  };
  return {
    after: after({ outcome: 'unknown', code, message, estado: 'enviando', error }),
    pause: null,
    fate:
      retryAfterMs === undefined
        ? new TriedInVain('cfdi.transient', code)
        : new Later(`${Math.max(1_000, Math.round(retryAfterMs))}ms`, 'the PAC asked for a pause'),
  };
}

function doubted(code: ProblemCode, why: string): Conclusion {
  const message = 'El PAC dio una respuesta que no corresponde al comprobante.';
  const error = { code, field: null, message, remedy: 'No haga nada: se le pregunta de nuevo con los mismos datos.' };
  return {
    after: after({ outcome: 'unknown', code, message: why, estado: 'enviando', error }),
    pause: null,
    fate: new TriedInVain(code, code),
  };
}

function review(code: ProblemCode, why: string): Conclusion {
  const message = 'No se sabe con certeza qué timbró el PAC para este comprobante.';
  const remedy = 'Pregunte a su PAC por este comprobante; con «Reintentar» se le consulta con los mismos datos.';
  return {
    after: after({
      outcome: 'unknown',
      code,
      message: why,
      estado: 'revision',
      error: { code, field: null, message, remedy },
    }),
    pause: null,
    fate: new InDoubt(code, { pacCode: code }),
  };
}

function refused(refusal: Refused & { readonly skewMs?: number }, circumstances: Circumstances): Conclusion {
  switch (refusal.of) {
    case 'data':
      return rejected(refusal, 'cfdi.data', ofData(refusal));
    case 'ours':
      return rejected(refusal, 'cfdi.ours', {
        code: refusal.code,
        field: null,
        message: `El comprobante se generó mal por un error del programa (${refusal.code}): ${refusal.message}`,
        remedy: 'Avise a soporte; no se perdió nada.',
      });
    case 'account':
      return paused(refusal, circumstances, PROBE_MINUTES, 'La cuenta del PAC no puede timbrar');
    case 'certificate':
      return ofCertificate(refusal, circumstances);
    case 'clock':
      return ofClock(refusal, circumstances);
  }
}

function ofData({ code, message }: Refused): Aftermath['error'] {
  const { path, ...rest } = faltaDelPac(code, message);
  return { ...rest, field: path === '' ? null : path };
}

/** The same bytes would be refused again, and would have been refused before: earlier doubts are settled by this. */
function rejected({ code, message }: Refused, problem: ProblemCode, error: Aftermath['error']): Conclusion {
  return {
    after: after({ outcome: 'refused', code, message, estado: 'rechazado', error, settlesDoubts: true }),
    pause: null,
    fate: new Permanent(problem, { pacCode: code }),
  };
}

/** The account or the certificate is refused: it says nothing about earlier tries with these bytes. */
function paused(
  { code, message }: Refused,
  { hadDoubts }: Circumstances,
  minutes: number,
  what: string,
  unseal: string | null = null,
): Conclusion {
  const waits = unseal !== null && !hadDoubts ? 'pendiente' : 'sellado';
  return {
    after: after({
      outcome: 'refused',
      code,
      message,
      estado: hadDoubts ? 'enviando' : waits,
      unseal: hadDoubts ? null : unseal,
    }),
    pause: { code, reason: `${what} (${message})`, minutes },
    fate: new Later(`${minutes}m`, `issuer paused: ${code}`),
  };
}

/** What the certificate sealed is worth nothing: the next try is sealed anew, with whatever CSD is valid then. */
function ofCertificate(refusal: Refused, circumstances: Circumstances): Conclusion {
  const lags = LAGGING.has(refusal.code) && circumstances.csdAgeMs < LIST_LAG_MS;
  const what = lags ? 'El SAT aún no publica el CSD nuevo' : 'El CSD no es válido para timbrar';
  return paused(refusal, circumstances, lags ? 60 : PROBE_MINUTES, what, `certificate refused: ${refusal.code}`);
}

/** Fecha is refused: our clock is wrong, the seal is too old, or the document names a wrong place or zone. */
function ofClock(refusal: Refused & { readonly skewMs?: number }, circumstances: Circumstances): Conclusion {
  const { code, message, skewMs } = refusal;
  if (circumstances.hadDoubts) return review('cfdi.unknown-outcome', `${code} after a try of unknown outcome`);
  const isOurClock = skewMs === undefined || Math.abs(skewMs) > SKEW_STOPS_MS;
  if (!isOurClock && circumstances.sealAgeMs < OLD_SEAL_MS) {
    return rejected(refusal, 'cfdi.data', {
      code,
      field: 'zonaHoraria',
      message: `El PAC rechazó la fecha del comprobante (${code}): ${message}`,
      remedy: 'Diga la zona horaria del lugar de expedición en zonaHoraria.',
    });
  }
  const motivo = isOurClock
    ? 'El reloj del equipo no coincide con el del PAC'
    : 'Se sella de nuevo con la fecha actual';
  return {
    after: after({ outcome: 'refused', code, message, estado: 'pendiente', motivo, unseal: `Fecha refused: ${code}` }),
    pause: null,
    fate: isOurClock ? new Later('5m', 'clock') : new Later('1s', 'sealed anew after 72 hours'),
  };
}
