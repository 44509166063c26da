import {
  higherMark,
  raise,
  readTime,
  setRight,
  waitedSince,
  type Asked,
  type Reading,
  type TimeMark,
  type TimeRead,
} from './time-mark.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const YEAR = 365 * DAY;

/** When the stories of the tests begin. */
export const START = Date.parse('2026-11-21T12:00:00.000Z');

/** A machine with a true time that nobody in it knows, a wall clock that anybody sets, and a boot clock that nobody does. */
export class Machine {
  trueTime = START;
  mark: TimeMark | null = null;
  private wallError = 0;
  private bootedAt = START;
  private boots = 1;
  private kept: TimeMark | null = null;

  reading(): Reading {
    return {
      wall: this.trueTime + this.wallError,
      bootId: `boot ${String(this.boots)}`,
      bootMs: this.trueTime - this.bootedAt,
    };
  }

  /** The wall clock is set to be off by this much from then on. */
  clock(error: number): this {
    this.wallError = error;
    return this;
  }

  /** Goes on, or lies suspended: boot time counts both. */
  run(ms: number): this {
    this.trueTime += ms;
    return this;
  }

  /** Powered off for a while; the clock may be found somewhere else when it starts. */
  off(ms: number, error = this.wallError): this {
    this.trueTime += ms;
    this.wallError = error;
    this.bootedAt = this.trueTime;
    this.boots += 1;
    return this.run(MINUTE);
  }

  look(): TimeRead {
    const read = readTime(this.mark, this.reading());
    this.mark = read.mark;
    return read;
  }

  /** A file signed at a time is taken, lasting for so long from then. */
  take(signed = this.trueTime, lasts = 30 * DAY): this {
    this.look();
    if (this.mark !== null) this.mark = raise(this.mark, new Date(signed), new Date(signed + lasts));
    return this;
  }

  /** The portal answers a question of ours; it may be wrong itself, and the answer may take its time, on its way here or there. */
  ask(portalError = 0, takes = 0, spokeLate = false): this {
    this.look();
    const asked = this.mark as Asked;
    const signed = new Date(this.trueTime + portalError + (spokeLate ? takes : 0));
    this.run(takes);
    const { mark } = this.look();
    this.mark = setRight(mark, signed, this.reading(), waitedSince(asked, mark));
    return this;
  }

  /** Keeps a copy of the database, as a backup does. */
  backup(): this {
    this.kept = this.mark;
    return this;
  }

  /** The copy takes the place of the database; the file outside it stays, or is lost too. */
  restore({ fileToo = false } = {}): this {
    this.mark = fileToo ? this.kept : higherMark(this.kept, this.mark);
    return this;
  }
}
