import type { ProblemCode } from '@nexora/contracts';
import type { ErrorDelComprobante } from '../comprobante/estados.ts';
import type { Belief } from '../comprobante/timbre.ts';
import type { Stamped, Verdict } from '../pac/pac.ts';
import type { Aftermath } from '../store/comprobantes.ts';
import type { Pause } from '../store/pauses.ts';

/** What came of a try that gave no stamp: the PAC's verdict, or a stamp that cannot be believed. */
export type NoStamp =
  | Exclude<Verdict, Stamped>
  | (Exclude<Belief, { readonly kind: 'ours' }> & { readonly previous: boolean; readonly skewMs?: number });

/**
 * What a look-up said about earlier tries of unknown outcome. not-asked: there was no reason to. silent: the PAC did
 * not say; ask again.
 */
export type LookedUp = 'not-asked' | 'never' | 'unsupported' | 'silent';

/** What the fate depends on beside the verdict. */
export interface Circumstances {
  readonly host: string;
  /** An earlier try with these bytes has an unknown outcome. */
  readonly hadDoubts: boolean;
  readonly lookedUp: LookedUp;
  /** Age of the seal in milliseconds. */
  readonly sealAgeMs: number;
  /** Age of the newest valid CSD in this house in milliseconds. */
  readonly csdAgeMs: number;
  /** Sealed with that CSD, or there is none: another seal would bear the same certificate. */
  readonly isCsdCurrent: boolean;
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

/** What a person reads when the job was stopped between request and answer. */
export const STOPPED_IN_DOUBT = {
  code: 'cfdi.unknown-outcome',
  field: null,
  message: 'Se detuvo el timbrado cuando la petición ya había salido: no se sabe si el PAC timbró.',
  remedy: 'Presione «Reintentar»: se pregunta al PAC con los mismos datos, y no timbra dos veces.',
} as const satisfies ErrorDelComprobante;

/** What stays as it is unless the case says otherwise. */
export function after(
  changes: Partial<Aftermath> & Pick<Aftermath, 'outcome' | 'code' | 'message' | 'estado'>,
): Aftermath {
  return { motivo: null, error: null, settledBy: null, unseal: null, ...changes };
}
