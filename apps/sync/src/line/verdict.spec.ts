import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judged, lineAt, SLOW_MS, type Line, type Outcome } from './verdict.ts';

const yes: Outcome = { answered: true, latencyMs: 40 };
const slow: Outcome = { answered: true, latencyMs: SLOW_MS + 1 };
const no: Outcome = { answered: false, phase: 'unreachable' };
const after = (line: Line, ...outcomes: Outcome[]): Line => outcomes.reduce(judged, line);
const states = (line: Line, ...outcomes: Outcome[]): string[] =>
  outcomes.map((outcome) => (line = judged(line, outcome)).state);

describe('the verdict on the line', () => {
  it('is online at the first answer of a line of which nothing was known', () => {
    expect(after(lineAt('unknown'), yes).state).toBe('online');
  });

  it('is offline at the third failure in a row, not before', () => {
    expect(states(lineAt('online'), no, no, no)).toEqual(['online', 'online', 'offline']);
    expect(states(lineAt('unknown'), no, no, no)).toEqual(['unknown', 'unknown', 'offline']);
  });

  it('begins to count anew after an answer', () => {
    expect(after(lineAt('online'), no, no, yes, no, no).state).not.toBe('offline');
  });

  it('is online again at the second answer in a row, not before', () => {
    expect(states(lineAt('offline'), yes, yes)).toEqual(['offline', 'online']);
    expect(states(lineAt('offline'), yes, no, yes, yes)).toEqual(['offline', 'offline', 'offline', 'online']);
  });

  it('forgets the outage once it is over: a line that came back is not degraded for having been away', () => {
    expect(after(lineAt('online'), no, no, no, yes, yes, yes).state).toBe('online');
  });

  it('is degraded while three of the last ten failed, and mended when fewer than two did', () => {
    const shaky = after(lineAt('online'), no, yes, no, yes, no, yes);
    expect(shaky.state).toBe('degraded');
    expect(after(shaky, yes, yes, yes, yes).state).toBe('degraded');
    expect(after(shaky, yes, yes, yes, yes, yes, yes, yes).state).toBe('online');
  });

  it('is degraded after three slow answers in a row, and mended by a quick one', () => {
    expect(states(lineAt('online'), slow, slow, slow, yes)).toEqual(['online', 'online', 'degraded', 'online']);
  });

  it('holds to its two thresholds whatever comes', () => {
    const outcome = fc.constantFrom(yes, slow, no);
    fc.assert(
      fc.property(
        fc.constantFrom('unknown', 'online', 'degraded', 'offline'),
        fc.array(outcome, { maxLength: 60 }),
        (start, outcomes) => {
          let line = lineAt(start as Line['state']);
          for (const next of outcomes) {
            const before = line;
            line = judged(before, next);
            expect(line.recent.length).toBeLessThanOrEqual(10);
            if (before.state !== 'offline' && line.state === 'offline') expect(line.failures).toBe(3);
            if (before.state === 'offline' && line.state !== 'offline')
              expect([line.state, line.answers]).toEqual(['online', 2]);
            if (line.failures >= 3) expect(line.state).toBe('offline');
            if (line.answers >= 2) expect(line.state).not.toBe('offline');
          }
        },
      ),
    );
  });
});
