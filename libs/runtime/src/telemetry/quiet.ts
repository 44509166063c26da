import type { Clock } from '../clock.ts';
import { eventSpec, type EventName } from './events.ts';

interface Told {
  at: number;
  suppressed: number;
}

/** Keeps an event that repeats itself from flooding the log: the metrics count each, the log tells the first and then some. */
export class Quiet {
  readonly #clock: Clock;
  readonly #told = new Map<string, Told>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many lines the next one stands for besides itself; undefined when this one is not to be written. */
  admit(event: EventName, fields: Readonly<Record<string, unknown>>): number | undefined {
    const { quiet } = eventSpec(event);
    if (quiet === undefined) return 0;
    const key = [event, ...quiet.per.map((name) => String(fields[name]))].join('\n');
    const last = this.#told.get(key);
    const now = this.#clock.monotonic();
    if (last !== undefined && now - last.at < quiet.ms) {
      last.suppressed += 1;
      return undefined;
    }
    this.#told.set(key, { at: now, suppressed: 0 });
    return last?.suppressed ?? 0;
  }
}
