import { InDoubt, Later, Permanent } from '@nexora/agent';
import type { ProblemCode } from '@nexora/contracts';
import { citado, faltaDelPac } from '../pac/faltas-del-pac.ts';
import type { Refused } from '../pac/pac.ts';
import type { Aftermath } from '../store/comprobantes.ts';
import { after, TriedInVain, type Circumstances, type Conclusion } from './conclusion.ts';

type Refusal = Refused & { readonly skewMs?: number };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The clock may differ from the PAC's by this much before it, and not the document, is to blame. */
export const SKEW_STOPS_MS = 5 * MINUTE_MS;
const PROBE_MINUTES = 15;
const LAGGING_MINUTES = 60;
/** The tax authority's lists lag behind a new CSD by up to this long. */
const LIST_LAG_MS = 72 * HOUR_MS;
const LAGGING: ReadonlySet<string> = new Set(['304', '402']);
/** A Fecha older than this may be what a "72 hours" refusal means. */
const OLD_SEAL_MS = 71 * HOUR_MS;

/**
 * What follows from a refusal. It speaks of this request; of earlier ones of unknown outcome it says nothing, unless
 * the PAC was asked for them too.
 */
export function refused(refusal: Refusal, around: Circumstances): Conclusion {
  if (refusal.of === 'account') return paused(refusal, around, PROBE_MINUTES, 'La cuenta del PAC no puede timbrar');
  if (around.hadDoubts && around.lookedUp === 'silent') return stillAsking(refusal);
  switch (refusal.of) {
    case 'data':
      return rejected(refusal, around, 'cfdi.data', ofData(refusal));
    case 'ours':
      return rejected(refusal, around, 'cfdi.ours', {
        code: refusal.code,
        field: null,
        message: `El comprobante se generó mal por un error del programa ${citado(refusal.code, refusal.message)}`,
        remedy: 'Avise a soporte; no se perdió nada.',
      });
    case 'certificate':
      return around.isCsdCurrent ? ofCertificate(refusal, around) : ofOlderCertificate(refusal, around);
    case 'clock':
      return ofClock(refusal, around);
  }
}

function ofData({ code, message }: Refused): Aftermath['error'] {
  const { path, ...rest } = faltaDelPac(code, message);
  return { ...rest, field: path === '' ? null : path };
}

/** Doubts that nothing has settled. */
function isOpen({ hadDoubts, lookedUp }: Circumstances): boolean {
  return hadDoubts && lookedUp !== 'never';
}

/** What settles earlier doubts, if anything does. */
function settledBy({ hadDoubts, lookedUp }: Circumstances): string | null {
  return hadDoubts && lookedUp === 'never' ? 'look-up: never stamped' : null;
}

/** The PAC was asked what became of earlier tries and did not say: asked again later, with the same bytes. */
function stillAsking({ code, message }: Refused): Conclusion {
  const error = {
    code: 'cfdi.unknown-outcome',
    field: null,
    message: `El PAC rechazó el comprobante ${citado(code, message)} Falta saber si un intento anterior sí se timbró.`,
    remedy: 'No haga nada: se le pregunta de nuevo.',
  };
  return {
    after: after({ outcome: 'refused', code, message, estado: 'enviando', error }),
    pause: null,
    fate: new TriedInVain('cfdi.transient', code),
  };
}

/**
 * The same bytes would have been refused before as well, and a PAC looks for an earlier stamp of theirs first: where
 * it cannot be asked otherwise, this settles earlier doubts.
 */
function rejected(
  { code, message }: Refused,
  around: Circumstances,
  problem: ProblemCode,
  error: Aftermath['error'],
): Conclusion {
  const settles = around.hadDoubts ? (settledBy(around) ?? `the same bytes were refused: ${code}`) : null;
  return {
    after: after({ outcome: 'refused', code, message, estado: 'rechazado', error, settledBy: settles }),
    pause: null,
    fate: new Permanent(problem, { pacCode: code }),
  };
}

/** The account or the certificate is refused: it says nothing about earlier tries with these bytes. */
function paused(
  { code, message }: Refused,
  around: Circumstances,
  minutes: number,
  what: string,
  unseal: string | null = null,
): Conclusion {
  const isFree = !isOpen(around) && unseal !== null;
  const estado = isOpen(around) ? 'enviando' : isFree ? 'pendiente' : 'sellado';
  return {
    after: after({
      outcome: 'refused',
      code,
      message,
      estado,
      unseal: isFree ? unseal : null,
      settledBy: settledBy(around),
    }),
    // The code stands in the PAC's sentence, or in front of it.
    pause: { code, reason: `${what} (${message.includes(code) ? message : `${code}: ${message}`})`, minutes },
    fate: new Later(`${minutes}m`, `issuer paused: ${code}`),
  };
}

/** What the certificate sealed is worth nothing: the next try is sealed anew, with whatever CSD is valid then. */
function ofCertificate(refusal: Refused, around: Circumstances): Conclusion {
  const lags = LAGGING.has(refusal.code) && around.csdAgeMs < LIST_LAG_MS;
  const what = lags ? 'El SAT aún no publica el CSD nuevo' : 'El CSD no es válido para timbrar';
  const unseal = `certificate refused: ${refusal.code}`;
  return paused(refusal, around, lags ? LAGGING_MINUTES : PROBE_MINUTES, what, unseal);
}

/** The issuer has a newer CSD by now: this one comprobante is sealed with it, and the others need not wait. */
function ofOlderCertificate({ code, message }: Refused, around: Circumstances): Conclusion {
  if (isOpen(around)) return review(code, message);
  return sealedAnew({ code, message }, around, `certificate refused: ${code}`, 'Se sella de nuevo con el CSD nuevo');
}

function sealedAnew(
  { code, message }: Pick<Refused, 'code' | 'message'>,
  around: Circumstances,
  unseal: string,
  motivo: string,
  fate: Error = new Later('1s', 'sealed anew'),
): Conclusion {
  return {
    after: after({
      outcome: 'refused',
      code,
      message,
      estado: 'pendiente',
      motivo,
      unseal,
      settledBy: settledBy(around),
    }),
    pause: null,
    fate,
  };
}

/** Fecha is refused: our clock is wrong, the seal is too old, or the document names a wrong place or zone. */
function ofClock(refusal: Refusal, around: Circumstances): Conclusion {
  const { code, message, skewMs } = refusal;
  const isOurClock = skewMs === undefined || Math.abs(skewMs) > SKEW_STOPS_MS;
  const isOld = around.sealAgeMs >= OLD_SEAL_MS;
  if (isOpen(around)) return isOld ? review(code, message) : sameBytesLater(refusal);
  if (!isOurClock && !isOld) {
    return rejected(refusal, around, 'cfdi.data', {
      code,
      field: 'zonaHoraria',
      message: `El PAC rechazó la fecha del comprobante ${citado(code, message)}`,
      remedy: 'Diga la zona horaria del lugar de expedición en zonaHoraria.',
    });
  }
  const unseal = `Fecha refused: ${code}`;
  if (!isOurClock) return sealedAnew(refusal, around, unseal, 'Se sella de nuevo con la fecha actual');
  const motivo = 'El reloj del equipo no coincide con el del PAC';
  return sealedAnew(refusal, around, unseal, motivo, new Later('5m', 'clock'));
}

/** A Fecha in the PAC's future comes to be acceptable by waiting; until 72 hours are over nothing else may be sent. */
function sameBytesLater({ code, message }: Refused): Conclusion {
  return {
    after: after({
      outcome: 'refused',
      code,
      message,
      estado: 'enviando',
      motivo: `El PAC no acepta todavía la fecha (${code}), y falta saber si un intento anterior se timbró`,
    }),
    pause: null,
    fate: new Later('5m', 'Fecha refused with a try of unknown outcome'),
  };
}

/** Only a clear "never stamped" would allow another seal, and this PAC cannot give it. */
function review(code: string, message: string): Conclusion {
  const error = {
    code: 'cfdi.unknown-outcome',
    field: null,
    message: `No se sabe si un intento anterior se timbró, y el PAC ya no acepta esos datos ${citado(code, message)}`,
    remedy:
      'Busque el comprobante en el portal de su PAC o del SAT; con «Reintentar» se le pregunta con los mismos datos.',
  };
  return {
    after: after({ outcome: 'refused', code, message, estado: 'revision', error }),
    pause: null,
    fate: new InDoubt('cfdi.unknown-outcome', { pacCode: code }),
  };
}
