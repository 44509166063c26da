import type { LicenseKinds, ResultOf } from '@nexora/contracts';
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
