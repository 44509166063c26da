import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CLOSEST_MS, nextCheckMs, OFFLINE_BACKOFF, type Pace } from './pace.ts';
import { judged, lineAt, type Line } from './verdict.ts';

const HALF_PERIOD_MS = 2_000;
const MINUTE_MS = 60_000;
const pace: Pace = { steadyMs: 30_000, offline: OFFLINE_BACKOFF };

interface Flapping {
  readonly start: 'online' | 'offline' | 'unknown';
  /** Where in the first period it begins. */
  readonly phaseMs: number;
  /** When other agents hinted, in order. */
  readonly hints: readonly number[];
  readonly chance: number;
  /** A heartbeat that is under way when the line goes is cut. */
  readonly latencyMs: number;
}

const flapping: fc.Arbitrary<Flapping> = fc.record({
  start: fc.constantFrom('online', 'offline', 'unknown'),
  phaseMs: fc.integer({ min: 0, max: 2 * HALF_PERIOD_MS - 1 }),
  hints: fc.array(fc.integer({ min: 0, max: MINUTE_MS }), { maxLength: 200 }).map((all) => all.sort((a, b) => a - b)),
  chance: fc.double({ min: 0, max: 1, noNaN: true }),
  latencyMs: fc.integer({ min: 0, max: 300 }),
});

const isUp = (at: number): boolean => Math.floor(at / HALF_PERIOD_MS) % 2 === 0;

/** States that the watch goes through in a minute of up and down every two seconds. */
function statesIn({ start, phaseMs, hints, chance, latencyMs }: Flapping): string[] {
  let line: Line = lineAt(start);
  const states: string[] = [line.state];
  for (let at = 0; at < MINUTE_MS;) {
    const asked = at + phaseMs;
    const answered = isUp(asked) && isUp(asked + latencyMs);
    line = judged(line, answered ? { answered, latencyMs } : { answered, phase: 'unreachable' });
    states.push(line.state);
    const cutAt = Math.ceil((asked + 1) / HALF_PERIOD_MS) * HALF_PERIOD_MS - phaseMs;
    const ended = answered ? at + latencyMs : isUp(asked) ? cutAt : at;
    const hint = hints.find((one) => one > ended) ?? Infinity;
    at = Math.max(ended + CLOSEST_MS, Math.min(ended + nextCheckMs(line, pace, chance), hint));
  }
  return states;
}

/** How often the line was declared offline after it had been open. */
function cutsSeen(states: readonly string[]): number {
  return states.filter(
    (state, place) => state === 'offline' && ['online', 'degraded'].includes(states[place - 1] ?? ''),
  ).length;
}

describe('a line that goes up and down every two seconds for a minute', () => {
  it('is never declared offline, whenever it is asked and however many agents hint', () => {
    fc.assert(
      fc.property(flapping, (one) => expect(cutsSeen(statesIn({ ...one, latencyMs: 0 }))).toBe(0)),
      { numRuns: 2_000 },
    );
  });

  it('is declared offline once or twice at most, were every heartbeat cut under way', () => {
    fc.assert(
      fc.property(flapping, (one) => expect(cutsSeen(statesIn(one))).toBeLessThanOrEqual(2)),
      { numRuns: 2_000 },
    );
  });

  it('is declared online at most once when it was offline', () => {
    fc.assert(
      fc.property(flapping, (one) => {
        const open = statesIn({ ...one, start: 'offline', latencyMs: 0 }).map((state) => state !== 'offline');
        expect(open.filter((now, place) => place > 0 && now !== open[place - 1]).length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
