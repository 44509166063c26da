import { describe, expect, it } from '@jest/globals';
import { DOUBT_MS, nextCheckMs, OFFLINE_BACKOFF, type Pace } from './pace.ts';
import { judged, lineAt, type Line } from './verdict.ts';

const pace: Pace = { steadyMs: 30_000, offline: OFFLINE_BACKOFF };
const no = { answered: false, phase: 'unreachable' } as const;
const yes = { answered: true, latencyMs: 1 } as const;

/** Time from the first heartbeat after the cut until the line is declared online, for a cut of so many ms. */
function reconnection(cutMs: number, chance: number): number {
  let line: Line = lineAt('online');
  let at = 0;
  while (line.state !== 'online' || at < cutMs) {
    line = judged(line, at < cutMs ? no : yes);
    if (line.state === 'online' && at >= cutMs) break;
    at += nextCheckMs(line, pace, chance);
  }
  return at - cutMs;
}

describe('the pause between two heartbeats', () => {
  it('is thirty seconds while all is well', () => {
    expect(nextCheckMs(lineAt('online'), pace, 0.5)).toBe(30_000);
    expect(nextCheckMs(lineAt('degraded'), pace, 0.5)).toBe(30_000);
  });

  it('is short while a verdict is under way, in either direction', () => {
    expect(nextCheckMs(judged(lineAt('online'), no), pace, 0)).toBe(DOUBT_MS);
    expect(nextCheckMs(judged(lineAt('offline'), yes), pace, 0)).toBe(DOUBT_MS);
  });

  it('declares an outage within five seconds of the first failure', () => {
    let line = judged(lineAt('online'), no);
    let passed = 0;
    while (line.state !== 'offline') {
      passed += nextCheckMs(line, pace, 0);
      line = judged(line, no);
    }
    expect(passed).toBeLessThanOrEqual(5_000);
  });

  it('grows from five seconds to five minutes while offline, and never beyond', () => {
    let line: Line = { ...lineAt('offline'), failures: 3 };
    const pauses = Array.from({ length: 100 }, () => {
      const pause = nextCheckMs(line, pace, 0);
      line = judged(line, no);
      return pause;
    });
    expect(pauses[0]).toBe(5_000);
    expect(pauses.at(-1)).toBe(300_000);
    expect([...pauses].sort((a, b) => a - b)).toEqual(pauses);
  });

  it('is spread by a fifth, so that shops that lost one line do not come back as one', () => {
    const line: Line = { ...lineAt('offline'), failures: 3 };
    expect(nextCheckMs(line, pace, 1)).toBe(4_000);
  });

  it.each([
    [10_000, 9_000],
    [30_000, 11_000],
    [60_000, 14_000],
    [120_000, 20_000],
    [3_600_000, 305_000],
  ])('brings a line that was cut for %i ms back within %i ms of its return', (cutMs, boundMs) => {
    const worst = Math.max(
      ...Array.from({ length: 50 }, (_, step) =>
        Math.max(reconnection(cutMs + step * 217, 0), reconnection(cutMs + step * 217, step / 50)),
      ),
    );
    expect(worst).toBeLessThanOrEqual(boundMs);
  });
});
