import { LICENSE_MODES } from '@nexora/contracts';
import { z } from 'zod';
import { iso } from '../http/iso.ts';
import type { LicenseStanding, WaitingKind } from './license.queries.ts';

const count = z.int().min(0);

/** How the licence stands, in short, and what waits for it. */
export const licenseStanding = z.object({
  mode: z.enum([...LICENSE_MODES, 'unknown']).describe('unknown: the license agent has not reported yet'),
  limited: z.boolean().describe('Work that needs the licence waits; what is under way goes on'),
  reason: z.string().nullable().describe('Why the mode is not valid, an English phrase'),
  message: z.string().describe('How it stands, for the owner, in Spanish'),
  graceDaysLeft: z.number().nullable(),
  since: z.iso.datetime({ offset: true }).nullable().describe('Since when the mode is this one'),
  waiting: count.describe('Jobs that wait for it now'),
  kinds: z
    .array(z.object({ kind: z.string(), waiting: count }))
    .describe('Kinds of work that need it, and how many jobs of each wait for it now'),
});

/** The licence as it concerns these kinds of work. */
export function standingOf(row: LicenseStanding, kinds: readonly WaitingKind[]): z.output<typeof licenseStanding> {
  return {
    mode: row.mode,
    limited: row.limited,
    reason: row.reason,
    message: row.message,
    graceDaysLeft: row.grace_days_left,
    since: iso(row.since),
    waiting: kinds.reduce((sum, { waiting }) => sum + waiting, 0),
    kinds: kinds.map(({ kind, waiting }) => ({ kind, waiting })),
  };
}
