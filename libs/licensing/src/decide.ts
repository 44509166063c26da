import { matchBinding } from './binding.ts';
import { crlStanding, listedAs } from './crl.ts';
import type { Binding, Crl, License, Verified } from './documents.ts';
import type { Reason } from './refused.ts';
import { FUTURE_TOLERANCE } from './taking.ts';

const DAY = 86_400_000;

/** From all that the licence carries to nothing; what comes later here weighs more. */
const MODES = ['valid', 'grace', 'limited', 'revoked', 'invalid'] as const;

/** How far the licence carries the house: the same words as `LicenseMode` of the contracts. */
export type Mode = (typeof MODES)[number];

/** A refusal of the portal that was signed and answered a question of ours. */
export interface SignedRefusal {
  code: string;
  /** The portal's time when it refused. */
  at: Date;
}

/** All that a decision rests on; one reading of the time for the whole cycle. */
export interface Situation {
  /** The licence that verified, or why there is none. */
  license: Verified<License> | { fault: Reason };
  /** The list that verified; null without one. */
  crl: Verified<Crl> | null;
  /** The last one; it stands until a later reply, licence or list says otherwise. A later reply: pass null. */
  refusal: SignedRefusal | null;
  /** What this machine is bound by ({@link bindingOf}). */
  machine: Binding;
  /** When only one fact was first seen to match; null = not seen before. The caller keeps it and forgets it on a match. */
  machineChangedAt: Date | null;
  /** LICENSE_GRACE_DAYS. */
  graceDays: number;
  /** `counted` of the mark. */
  time: Date;
}

/** What the house may do. */
export interface Decision {
  mode: Mode;
  /** Null when `valid`. */
  reason: Reason | null;
  /** Days of grace left, begun ones counted whole: 7 right after an expiry with seven. 0 when limited; null in other modes. */
  graceDaysLeft: number | null;
  /** The end of the grace; null in other modes. */
  graceUntil: Date | null;
  /** The next moment at which mode, days left or a warning may change by time alone; null = never. */
  nextChange: Date | null;
  /** The revocation list is past its next update, or below the number that the licence asks for. */
  crlStale: boolean;
  /** How many of three facts match; null when the licence is not bound. */
  match: number | null;
}

interface Cause {
  mode: Mode;
  reason: Reason;
  /** End of the grace, in ms. */
  until?: number;
}

/**
 * Decides the mode from verified documents alone; the worst of all causes wins. That a licence has begun was judged when it
 * was taken: a portal that is once wrong about the time backwards must not lock the shop out.
 */
export function decide(situation: Situation): Decision {
  const { license, crl, machine, time } = situation;
  if ('fault' in license) {
    const standing = crlStanding(crl, null, time);
    return {
      ...verdict({ mode: 'invalid', reason: license.fault }, situation),
      nextChange: null,
      crlStale: standing.stale,
      match: null,
    };
  }
  const { binding } = license.content;
  const match = binding === null ? null : matchBinding(binding, machine);
  const starts = graceStarts(license, situation, match);
  const causes = [
    ...standingCauses(license, situation, match),
    ...starts.flatMap((start) => graceCause(start, situation)),
  ];
  return {
    ...verdict(worstOf(causes), situation),
    nextChange: nextChange(license, situation, starts),
    crlStale: crlStanding(crl, license, time).stale,
    match,
  };
}

/** What limits at once, without grace. */
function standingCauses(license: Verified<License>, situation: Situation, match: number | null): Cause[] {
  const causes: Cause[] = [];
  const { crl, refusal, time } = situation;
  const listed = listedAs(crl, license.content.id) ?? standingRefusal(license, crl, refusal, time);
  if (listed !== null) causes.push({ mode: 'revoked', reason: listed });
  if (match === 0) causes.push({ mode: 'limited', reason: 'machine changed' });
  return causes;
}

/**
 * A signed refusal lowers the mode by two of its codes only, until a later licence or list says otherwise. A list of the same
 * minutes says nothing of it: it may have been made before the refusal and dated after. Nor does what is dated ahead of the time: a wrong clock of the vendor wrote that. While
 * one stands, ask the portal again.
 */
export function standingRefusal(
  license: Verified<License>,
  crl: Verified<Crl> | null,
  refusal: SignedRefusal | null,
  time: Date,
): 'revoked' | 'suspended' | null {
  if (refusal === null) return null;
  if (refusal.code !== 'revoked' && refusal.code !== 'suspended') return null;
  const isLater = (issuedAt: Date, by: number): boolean =>
    issuedAt.getTime() > refusal.at.getTime() + by && issuedAt.getTime() <= time.getTime() + FUTURE_TOLERANCE;
  if (isLater(license.content.issuedAt, 0)) return null;
  if (crl !== null && isLater(crl.content.issuedAt, FUTURE_TOLERANCE)) return null;
  return refusal.code;
}

interface Start {
  reason: Reason;
  /** From when the grace is counted, in ms; may lie ahead. */
  from: number;
}

function graceStarts(license: Verified<License>, situation: Situation, match: number | null): Start[] {
  const { crl, time, machineChangedAt } = situation;
  const { validUntil, paidUntil } = license.content;
  const starts: Start[] = [
    { reason: 'contract ended', from: paidUntil.getTime() },
    { reason: 'file expired', from: validUntil.getTime() },
  ];
  const { notRenewedFrom } = crlStanding(crl, license, time);
  if (notRenewedFrom !== null) starts.push({ reason: 'revocation list stale', from: notRenewedFrom.getTime() });
  if (match === 1) starts.push({ reason: 'machine changed', from: (machineChangedAt ?? time).getTime() });
  return starts;
}

function graceCause({ reason, from }: Start, { graceDays, time }: Situation): Cause[] {
  const now = time.getTime();
  if (now < from) return [];
  const until = from + graceDays * DAY;
  return now < until ? [{ mode: 'grace', reason, until }] : [{ mode: 'limited', reason }];
}

/** The graver mode; of two graces the one that ends first. */
function worstOf(causes: Cause[]): Cause | null {
  const weight = ({ mode }: Cause): number => MODES.indexOf(mode);
  const [worst] = causes.toSorted((a, b) => weight(b) - weight(a) || (a.until ?? 0) - (b.until ?? 0));
  return worst ?? null;
}

function verdict(
  worst: Cause | null,
  { time }: Situation,
): Pick<Decision, 'mode' | 'reason' | 'graceDaysLeft' | 'graceUntil'> {
  if (worst === null) return { mode: 'valid', reason: null, graceDaysLeft: null, graceUntil: null };
  const { mode, reason, until } = worst;
  if (until === undefined) return { mode, reason, graceDaysLeft: mode === 'limited' ? 0 : null, graceUntil: null };
  return { mode, reason, graceDaysLeft: Math.ceil((until - time.getTime()) / DAY), graceUntil: new Date(until) };
}

function nextChange(license: Verified<License>, { crl, graceDays, time }: Situation, starts: Start[]): Date | null {
  const now = time.getTime();
  const moments: number[] = [];
  const { staleFrom } = crlStanding(crl, license, time);
  if (staleFrom !== null) moments.push(staleFrom.getTime());
  for (const { from } of starts) {
    const begunDays = Math.max(0, Math.floor((now - from) / DAY) + 1);
    moments.push(from + Math.min(begunDays, graceDays) * DAY);
  }
  const ahead = moments.filter((moment) => moment > now);
  return ahead.length === 0 ? null : new Date(Math.min(...ahead));
}
