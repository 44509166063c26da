import type { License } from './documents.ts';
import { FUTURE_TOLERANCE } from './taking.ts';

const DAY = 86_400_000;

/** Days before an end on which the owner is warned. */
const WARNING_DAYS = [30, 14, 7, 3, 1] as const;

/** From when a renewal is due: two thirds of the file's life. A contract that ends before its file ends the file's life too. */
export function renewalDueAt(license: License): Date {
  const issued = license.issuedAt.getTime();
  const end = Math.min(license.validUntil.getTime(), license.paidUntil.getTime());
  return new Date(issued + ((end - issued) * 2) / 3);
}

/**
 * True from two thirds of the file's life on, and while it is dated ahead: a wrong clock of the vendor would put its renewal off
 * for as long. A start after a day without success, and a request, are the caller's.
 */
export function renewalDue(license: License, time: Date): boolean {
  const isAhead = license.issuedAt.getTime() > time.getTime() + FUTURE_TOLERANCE;
  return isAhead || time >= renewalDueAt(license);
}

/** A warning to the owner that an end comes near. */
export interface Warning {
  /** `file`: renewed by itself, if there is a line; `contract`: renewed by a person. */
  what: 'file' | 'contract';
  /** The mark that was crossed, of 30, 14, 7, 3 and 1. */
  days: number;
  end: Date;
  /** Names the warning, so that it is told once: kept by the caller. */
  key: string;
}

/**
 * The warnings that are to be told now: for each end only the nearest mark that was crossed, and only once.
 * A file that renews itself is no news before its renewal is due: a file of 30 days would warn on the day it is issued.
 *
 * @param told keys of the warnings that were told before
 */
export function warningsDue(license: License, time: Date, told: ReadonlySet<string>): Warning[] {
  const ends: [Warning['what'], Date][] = [['contract', license.paidUntil]];
  if (license.validUntil < license.paidUntil && renewalDue(license, time)) ends.push(['file', license.validUntil]);
  return ends.flatMap(([what, end]) => {
    const left = end.getTime() - time.getTime();
    const days = WARNING_DAYS.findLast((mark) => left <= mark * DAY);
    if (days === undefined || left <= 0) return [];
    const key = `${what}:${end.toISOString()}:${String(days)}`;
    return told.has(key) ? [] : [{ what, days, end, key }];
  });
}
