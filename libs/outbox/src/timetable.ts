import { Cron } from 'croner';

/** When a schedule is due: every so many milliseconds, or by a cron line in a zone. */
export type Rule = { readonly everyMs: number } | { readonly cron: string; readonly zone: string };

/** Slots of one rule. Slots depend on the rule alone, so every replica and every restart sees the same ones. */
export interface Timetable {
  /** First slot after the given moment; null when there is none any more. */
  after(moment: Date): Date | null;
  /** The newest slots not after `until` and not before `from`, newest last, at most `count`. */
  last(from: Date, until: Date, count: number): Date[];
  /** How many slots there are from `from` to `until`, both included; counting stops at 10,000. */
  count(from: Date, until: Date): number;
}

const MOST_COUNTED = 10_000;

/**
 * Reads a rule. A skipped local hour fires once right after the gap, a repeated one once; lines with a wildcard or a
 * step in the time go on through both (Vixie's rule).
 * @throws RangeError or TypeError with a sentence when rule or zone cannot be read.
 */
export function timetable(rule: Rule): Timetable {
  return 'everyMs' in rule ? regular(rule.everyMs) : byCron(rule.cron, rule.zone);
}

/** Slots at whole multiples of the period since 1970, whenever the agent was started. */
function regular(everyMs: number): Timetable {
  if (!(everyMs >= 1_000)) throw new RangeError(`A schedule cannot run every ${everyMs} ms; the least is 1s.`);
  const floor = (time: number) => Math.floor(time / everyMs) * everyMs;
  return {
    after: (moment) => new Date(floor(moment.getTime()) + everyMs),
    last(from, until, count) {
      const slots: Date[] = [];
      for (let at = floor(until.getTime()); at >= from.getTime() && slots.length < count; at -= everyMs) {
        slots.unshift(new Date(at));
      }
      return slots;
    },
    count: (from, until) =>
      Math.min(
        MOST_COUNTED,
        Math.max(0, Math.floor(until.getTime() / everyMs) - Math.ceil(from.getTime() / everyMs) + 1),
      ),
  };
}

function byCron(line: string, zone: string): Timetable {
  const cron = new Cron(line, { timezone: zone, paused: true, mode: '5-part', fixedTimeRule: 'no-wildcard' });
  cron.nextRun(); // an unknown zone shows here, at the start, and not at the first slot
  return {
    after: (moment) => cron.nextRun(moment),
    last(from, until, count) {
      // The walk backwards leaves out its own starting point.
      const justAfter = new Date(until.getTime() + 1);
      return cron
        .previousRuns(count, justAfter)
        .filter((slot) => slot >= from && slot <= until)
        .reverse();
    },
    count(from, until) {
      let slots = 0;
      let moment = cron.nextRun(new Date(from.getTime() - 1));
      for (; moment !== null && moment <= until && slots < MOST_COUNTED; moment = cron.nextRun(moment)) slots += 1;
      return slots;
    },
  };
}
