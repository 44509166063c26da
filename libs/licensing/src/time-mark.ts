import { z } from 'zod';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Up to here a difference is no news: portals and machines differ by seconds. */
const NOTEWORTHY = 5 * MINUTE;

/** Beyond this a wall clock that moved is wrong, not adjusted. */
const WRONG = DAY;

/** One look at the clocks, once per cycle. All in milliseconds. */
export interface Reading {
  /** The wall clock of the house, since 1970. Anybody may set it. */
  wall: number;
  /** Names the boot of the machine; the same across restarts of processes. */
  bootId: string;
  /** Since the boot, suspended time included (CLOCK_BOOTTIME). Nobody sets it. */
  bootMs: number;
}

/**
 * What the house knows of the time; plain data, kept in Postgres and in a file. All times in milliseconds since 1970.
 * How it moves is written down in ADR 0051.
 */
export interface TimeMark {
  /** How often a fresh signed time has set the mark right; of two marks the one with more is the later. */
  setRight: number;
  /** Highest signed time seen (or the last fresh one); null before any. */
  signed: number | null;
  /** The mark proper: `signed` and the boot time that has passed since. Time cannot be before it. */
  certain: number | null;
  /** `certain`, raised by a wall clock that never left it by more than a day; provisional, as `leap` is. */
  high: number | null;
  /** A wall clock that stood more than a day beyond `high` when this boot was first seen: counts, until it comes back. */
  leap: number | null;
  /** Whether the wall clock of this boot has been believed: from then on boot time tells a jump from time gone by. */
  settled: boolean;
  /** By how much the wall clock is known to be ahead; 0 when it is not. */
  ahead: number;
  /** What all judgments use. */
  counted: number;
  bootId: string;
  bootMs: number;
}

/** More corrections than a house meets in its life (one a second for 30 years): beyond it a counter is no word of ours. */
const MOST_CORRECTIONS = 1_000_000_000;

const moment = z.number().min(-8.64e15).max(8.64e15);

const markSchema: z.ZodType<TimeMark> = z.object({
  setRight: z.int().nonnegative().max(MOST_CORRECTIONS),
  signed: moment.nullable(),
  certain: moment.nullable(),
  high: moment.nullable(),
  leap: moment.nullable(),
  settled: z.boolean(),
  ahead: moment,
  counted: moment,
  bootId: z.string(),
  bootMs: moment,
});

/** Reads a mark that was kept; what is none is null, as if it had been lost. */
export function parseMark(kept: unknown): TimeMark | null {
  return markSchema.safeParse(kept).data ?? null;
}

/** `ok`; `note`: off by more than 5 minutes, up to a day; `behind`, `ahead`: off by more than a day, a wrong clock. */
export type ClockVerdict = 'ok' | 'note' | 'behind' | 'ahead';

/** What one look at the clocks came to. */
export interface TimeRead {
  /** To be kept. */
  mark: TimeMark;
  /** `counted` of the mark. */
  time: Date;
  verdict: ClockVerdict;
  /** By how much the wall clock is ahead of what it should show; negative = behind. */
  offBySeconds: number;
}

/** Reads the time; a null mark is that of a house that has never looked. */
export function readTime(mark: TimeMark | null, reading: Reading): TimeRead {
  const moved = advance(mark ?? firstMark(reading), reading);
  return moved.settled ? readSettled(moved, reading) : readNewBoot(moved, reading);
}

/**
 * A signed time that is not fresh (a document that was taken, a list) is a lower bound: it raises the mark, never lowers it.
 * Right after {@link setRight} a document dated beyond the time that was told is the vendor's mistake, and raises nothing.
 *
 * @param until up to when the document lasts: a wall clock within its life is no longer a leap
 */
export function raise(mark: TimeMark, signed: Date, until: Date): TimeMark {
  const at = signed.getTime();
  const isJustTold = mark.setRight > 0 && mark.certain === mark.signed;
  if (isJustTold && at > mark.counted + NOTEWORTHY) return mark;
  const high = highest(mark.high, at);
  const isPlausible = mark.leap !== null && mark.leap <= until.getTime();
  return merged({
    ...mark,
    signed: highest(mark.signed, at),
    certain: highest(mark.certain, at),
    high: isPlausible ? highest(high, mark.leap) : high,
    counted: Math.max(mark.counted, at),
  });
}

/**
 * A fresh signed time (a reply to our nonce) sets the mark right, downwards too.
 * The portal spoke at `signed`, at most `waited` ago: the time is between `signed` and `signed + waited`.
 *
 * @param waited milliseconds since the question was asked ({@link waitedSince})
 */
export function setRight(mark: TimeMark, signed: Date, reading: Reading, waited = 0): TimeMark {
  const moved = advance(mark, reading);
  const earliest = signed.getTime();
  const time = Math.min(Math.max(moved.counted, earliest), earliest + Math.max(0, waited));
  const off = reading.wall - time;
  return {
    ...moved,
    setRight: Math.min(mark.setRight + 1, MOST_CORRECTIONS),
    signed: earliest,
    certain: earliest,
    high: time,
    leap: null,
    settled: true,
    ahead: off > WRONG ? off : 0, // known from now on, so that a restart of the machine does not believe the wall again
    counted: time,
  };
}

/** When a question was asked, to know how old its answer may be. */
export type Asked = Pick<TimeMark, 'bootId' | 'bootMs' | 'counted'> & Partial<Pick<TimeMark, 'setRight'>>;

/** Milliseconds since a question was asked: by boot time within a boot, else by what the house counts. */
export function waitedSince(asked: Asked, mark: TimeMark): number {
  const since = asked.bootId === mark.bootId ? mark.bootMs - asked.bootMs : mark.counted - asked.counted;
  return Math.max(0, since);
}

/** The higher of two marks that were kept in two places: a restored database or a lost file turns no time back. */
export function higherMark(a: TimeMark | null, b: TimeMark | null): TimeMark | null {
  if (a === null || b === null) return a ?? b;
  if (a.setRight !== b.setRight) return a.setRight > b.setRight ? a : b;
  const isSameBoot = a.bootId === b.bootId;
  for (const key of ['certain', 'high', 'counted'] as const) {
    const difference = (a[key] ?? 0) - (b[key] ?? 0) - (isSameBoot ? a.bootMs - b.bootMs : 0);
    if (difference !== 0) return difference > 0 ? a : b;
  }
  return a.bootMs >= b.bootMs ? a : b;
}

function firstMark({ wall, bootId, bootMs }: Reading): TimeMark {
  const unknown = { signed: null, certain: null, high: null, leap: null };
  return { setRight: 0, ...unknown, settled: false, ahead: 0, counted: wall, bootId, bootMs };
}

/** Boot time passes for all that is known. What was a leap in another boot is forgotten. */
function advance(mark: TimeMark, { wall, bootId, bootMs }: Reading): TimeMark {
  const isSameBoot = mark.bootId === bootId;
  const passed = isSameBoot ? Math.max(0, bootMs - mark.bootMs) : passedBefore(mark, wall, bootMs);
  const later = (time: number | null): number | null => (time === null ? null : time + passed);
  return {
    ...mark,
    certain: later(mark.certain),
    high: later(mark.high),
    leap: isSameBoot ? later(mark.leap) : null,
    settled: isSameBoot && mark.settled,
    counted: mark.counted + passed,
    bootId,
    bootMs: isSameBoot ? Math.max(mark.bootMs, bootMs) : bootMs,
  };
}

/**
 * What of another boot's uptime is certain to have passed since the mark: no more than both its uptime and the wall clock say.
 * (Two machines on one database each have an uptime of weeks; it must not be added at every turn.)
 */
function passedBefore(mark: TimeMark, wall: number, bootMs: number): number {
  return Math.min(bootMs, Math.max(0, wall - mark.ahead - mark.counted));
}

/** The wall clock of this boot was believed before: boot time says what it should show. */
function readSettled(mark: TimeMark, { wall }: Reading): TimeRead {
  const due = mark.leap ?? mark.high ?? mark.counted;
  const off = wall - due;
  if (off > WRONG) return told({ ...mark, counted: due, ahead: off }, 'ahead', off);
  const seen = { ...mark, ahead: 0 };
  if (off >= -WRONG) return told(believe(seen, wall), verdictOf(off), off);
  const fellAway = mark.leap !== null && !isBehind(wall, mark.high);
  return fellAway ? readNewBoot({ ...seen, leap: null }, { wall }) : readBehind(seen, wall, due);
}

/** First sight of a boot, or a leap that fell away: how long the machine was off nobody knows, so the wall clock says it. */
function readNewBoot(mark: TimeMark, { wall }: Pick<Reading, 'wall'>): TimeRead {
  const { high } = mark;
  // A clock that was known to be ahead goes on being so after a restart, unless somebody has set it since; the clock on the
  // board may lag a little behind that of the system that stopped.
  const isStillAhead = high !== null && mark.ahead > 0 && wall - mark.ahead >= high - NOTEWORTHY;
  const ahead = isStillAhead ? mark.ahead : 0;
  const shown = wall - ahead;
  const seen = { ...mark, ahead };
  if (high !== null && isBehind(shown, high)) return readBehind(seen, wall, high);
  const isLeap = high === null || shown > high + WRONG;
  const settled = { ...seen, settled: true, ...(isLeap ? { leap: shown } : { high: Math.max(high, shown) }) };
  const verdict = isLeap ? 'ok' : verdictOf(Math.min(0, shown - high));
  return told(
    believe(settled, shown),
    isStillAhead ? 'ahead' : verdict,
    ahead + (isLeap ? 0 : Math.min(0, shown - high)),
  );
}

/**
 * A clock more than a day behind what it should show. Behind what is certain it is known to be wrong, and is not asked.
 * Else it may as well have been wrong before and be right now: it is reported, and the shop has the benefit of the doubt.
 */
function readBehind(mark: TimeMark, wall: number, due: number): TimeRead {
  const isKnownWrong = isBehind(wall, mark.certain);
  return told(isKnownWrong ? { ...mark, counted: due } : believe(mark, wall), 'behind', wall - due);
}

function isBehind(wall: number, time: number | null): boolean {
  return time !== null && wall < time - WRONG;
}

/** The wall clock counts, but never below what is certain. */
function believe(mark: TimeMark, wall: number): TimeMark {
  return { ...mark, counted: Math.max(mark.certain ?? -Infinity, wall) };
}

/** A leap that `high` has caught up with is none. */
function merged(mark: TimeMark): TimeMark {
  const { high, leap } = mark;
  if (leap === null || high === null || leap > high + WRONG) return mark;
  return { ...mark, high: Math.max(high, leap), leap: null };
}

function verdictOf(off: number): ClockVerdict {
  return Math.abs(off) > NOTEWORTHY ? 'note' : 'ok';
}

function told(mark: TimeMark, verdict: ClockVerdict, off: number): TimeRead {
  return { mark, time: new Date(mark.counted), verdict, offBySeconds: Math.round(off / 1000) };
}

function highest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
