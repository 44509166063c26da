import type { LicenseMode } from '@nexora/contracts';
import { Refused } from '@nexora/licensing';
import type { Asked, Plan } from './asking.ts';
import type { Judged } from './judging/judge.ts';
import { PortalFailed } from './portal/portal-failed.ts';

/** How far the licence carries the house now. */
export interface Verdict {
  readonly mode: LicenseMode;
  /** Short English words; null when the mode is `valid`. */
  readonly reason: string | null;
  readonly graceDaysLeft: number | null;
  /** The same for the owner. */
  readonly message: string;
}

/** What a cycle came to. */
export interface Synced extends Verdict {
  /** Whether a renewed document was taken. */
  readonly renewed: boolean;
  /** Why none was, in English words; null when one was taken or none was asked for. */
  readonly notRenewed: string | null;
}

/** Why a renewal that was owed did not come. */
export interface NotRenewed {
  readonly why: string;
  /** For the owner. */
  readonly es: string;
  /** A word of a closed list, for metrics. */
  readonly word: string;
  /** True when asking again soon may help: then it waits in the outbox. */
  readonly again: boolean;
  /** True when it is as if there were no line: then no attempt is burnt. */
  readonly isLineAway: boolean;
}

/** Why the renewal that was owed did not come; undefined when it came, or none was owed. */
export function notRenewedOf(plan: Plan, asked: Asked, judged: Judged, isBusy: boolean): NotRenewed | undefined {
  if (!plan.isDue || judged.document === 'taken') return undefined;
  if (isBusy)
    return said('another process is asking the portal', 'Otro proceso está consultando al portal.', 'busy', {});
  if (!plan.renew) return said('no line', 'No hay conexión a Internet.', 'no-line', { again: true, isLineAway: true });
  if (asked.failed !== undefined) return ofFailure(asked.failed);
  const refused = judged.answer instanceof Refused ? judged.answer : judged.document;
  if (refused instanceof Refused) {
    return said(`the reply was not taken: ${refused.reason}`, refused.es, 'not-taken', { again: true });
  }
  const refusal = judged.reply?.refusal ?? null;
  if (refusal !== null) {
    return said(
      `the portal refused: ${refusal.code}`,
      `El portal de licencias la negó (${refusal.code}).`,
      'refused',
      {},
    );
  }
  if (judged.reply?.license === null) {
    const es = 'El portal de licencias no dio licencia ni razón.';
    return said('the portal gave neither a licence nor a reason', es, 'not-taken', { again: true });
  }
  return said('the portal has no newer licence', 'El portal de licencias no tiene una más reciente.', 'same', {});
}

function ofFailure(failed: PortalFailed): NotRenewed {
  const again = failed.kind !== 'unset';
  return said(failed.message, failed.es, failed.kind, { again, isLineAway: failed.isLineAway });
}

function said(
  why: string,
  es: string,
  word: string,
  { again = false, isLineAway = false }: { readonly again?: boolean; readonly isLineAway?: boolean },
): NotRenewed {
  return { why, es, word, again, isLineAway };
}
