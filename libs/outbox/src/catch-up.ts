import type { Timetable } from './timetable.ts';

/** What becomes of slots that came while nobody could fire them: the newest runs, none does, or the newest n do. */
export type Missed = 'one' | 'skip' | { readonly all: number };

/** A slot this late still counts as on time: a restart, a busy second, not a missed run. */
const ON_TIME_MS = 60_000;

/** What a schedule says about slots that came while the house was off. */
export interface CatchUpPolicy {
  readonly missed: Missed;
  /** A slot later than this is left out; null for no limit. */
  readonly maxLateMs: number | null;
}

/** What a due schedule does now. */
export interface CatchUp {
  /** Slots that get a job, oldest first. */
  readonly slots: readonly { readonly slot: Date; readonly late: boolean }[];
  /** How many due slots get none. */
  readonly givenUp: number;
  /** The slot after `now`; null when the rule has none any more. */
  readonly next: Date | null;
}

/**
 * Decides which of the slots from `due` to `now` get a job: the newest (one), the newest n (all), or only one that is
 * on time (skip); never one that is later than the policy allows.
 */
export function catchUp(table: Timetable, due: Date, now: Date, policy: CatchUpPolicy): CatchUp {
  const most = typeof policy.missed === 'object' ? policy.missed.all : 1;
  const slots = table.last(due, now, most).flatMap((slot) => {
    const lateMs = now.getTime() - slot.getTime();
    const late = lateMs > ON_TIME_MS;
    if (late && policy.missed === 'skip') return [];
    if (policy.maxLateMs !== null && lateMs > policy.maxLateMs) return [];
    return [{ slot, late }];
  });
  return { slots, givenUp: table.count(due, now) - slots.length, next: table.after(now) };
}
