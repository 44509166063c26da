import type { LicenseKinds, ResultOf } from '@nexora/contracts';
import type { CycleEnd } from '../cycle.ts';
import type { Synced } from '../outcome.ts';

/** What a job of the licence ends with; nothing of the document in it. */
export function resultOf({
  mode,
  reason,
  renewed,
  notRenewed,
}: Omit<Synced, 'message' | 'graceDaysLeft'>): ResultOf<LicenseKinds['sync']> {
  return { mode, reason, renewed, notRenewed };
}

/** Puts into the job's story, for the owner, what was asked of the portal and did not come. */
export function logMissed(job: { readonly log: (line: string) => void }, { missed, listMissed }: CycleEnd): void {
  if (missed !== undefined) job.log(missed.es);
  if (listMissed !== undefined) job.log(`Lista de revocación: ${listMissed}`);
}
