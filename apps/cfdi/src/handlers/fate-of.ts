import { InDoubt, Later } from '@nexora/agent';
import type { ProblemCode } from '@nexora/contracts';
import { citado } from '../pac/faltas-del-pac.ts';
import { after, TriedInVain, type Circumstances, type Conclusion, type NoStamp } from './conclusion.ts';
import { refused } from './fate-of-refused.ts';
import { pauseOr } from './resting.ts';

/** The one place where a PAC's verdict becomes the fate of a job and the next state of a comprobante. */
export function fateOf(noStamp: NoStamp, circumstances: Circumstances): Conclusion {
  switch (noStamp.kind) {
    case 'unsent':
      return unsent(noStamp, circumstances);
    case 'unknown':
      return unknown(noStamp);
    case 'unbelievable':
      return doubted('cfdi.unknown-outcome', noStamp.why, noStamp.isOfTime === true ? OF_TIME : NOT_OURS);
    case 'foreign':
      // The first answer may be a slip of the PAC; when it repeats it, only a person can tell.
      return noStamp.previous ? foreign(noStamp.why) : doubted('cfdi.foreign-stamp', noStamp.why, NOT_OURS);
    case 'refused':
      return refused(noStamp, circumstances);
  }
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
    message: `El PAC no confirmó el timbrado ${citado(code, message)}`,
    remedy: 'No haga nada: se envían los mismos datos otra vez, y el PAC no timbra dos veces.',
  };
  return {
    after: after({ outcome: 'unknown', code, message, estado: 'enviando', error }),
    pause: null,
    fate: pauseOr(retryAfterMs, new TriedInVain('cfdi.transient', code)),
  };
}

const NOT_OURS = {
  message: 'El PAC dio una respuesta que no corresponde al comprobante.',
  remedy: 'No haga nada: se le pregunta de nuevo con los mismos datos.',
};
const OF_TIME = {
  message: 'El PAC dio un timbre con una fecha que no puede ser según el reloj de este equipo.',
  remedy: 'Revise fecha y hora del equipo. Se le pregunta de nuevo con los mismos datos, y no timbra dos veces.',
};

function doubted(code: ProblemCode, why: string, said: typeof NOT_OURS): Conclusion {
  const error = { code, field: null, ...said };
  return {
    after: after({ outcome: 'unknown', code, message: why, estado: 'enviando', error }),
    pause: null,
    fate: new TriedInVain(code, code),
  };
}

function foreign(why: string): Conclusion {
  const code = 'cfdi.foreign-stamp';
  const error = {
    code,
    field: null,
    message: 'El PAC devolvió dos veces el timbre de otro comprobante: no se sabe qué timbró para este.',
    remedy: 'Pregunte a su PAC por este comprobante; con «Reintentar» se le consulta con los mismos datos.',
  };
  return {
    after: after({ outcome: 'unknown', code, message: why, estado: 'revision', error }),
    pause: null,
    fate: new InDoubt(code, { pacCode: code }),
  };
}
