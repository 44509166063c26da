import { describe, expect, it } from '@jest/globals';
import { type Rule, timetable } from './timetable.ts';

const at = (text: string) => new Date(text);

function slots(rule: Rule, from: string, count: number): string[] {
  const table = timetable(rule);
  const found: string[] = [];
  for (let moment = table.after(at(from)); moment !== null && found.length < count; moment = table.after(moment)) {
    found.push(moment.toISOString());
  }
  return found;
}

describe('slots of a schedule', () => {
  it('stand at whole multiples of the period, whenever the agent started', () => {
    expect(slots({ everyMs: 120_000 }, '2026-11-21T10:00:37.123Z', 2)).toEqual([
      '2026-11-21T10:02:00.000Z',
      '2026-11-21T10:04:00.000Z',
    ]);
  });

  it('follow the clock of the business, not that of the machine', () => {
    const rule = { cron: '5 3 * * *', zone: 'America/Mexico_City' };
    expect(slots(rule, '2026-11-21T00:00:00Z', 2)).toEqual(['2026-11-21T09:05:00.000Z', '2026-11-22T09:05:00.000Z']);
  });

  it('fire a skipped local hour once, right after the gap', () => {
    // Tijuana: 8 March 2026, 02:00 becomes 03:00.
    const rule = { cron: '30 2 * * *', zone: 'America/Tijuana' };
    expect(slots(rule, '2026-03-08T00:00:00Z', 2)).toEqual(['2026-03-08T10:00:00.000Z', '2026-03-09T09:30:00.000Z']);
  });

  it('fire two times of a skipped local hour as one', () => {
    const rule = { cron: '0,30 2 * * *', zone: 'America/Tijuana' };
    expect(slots(rule, '2026-03-08T00:00:00Z', 2)).toEqual(['2026-03-08T10:00:00.000Z', '2026-03-09T09:00:00.000Z']);
  });

  it('fire a repeated local hour once', () => {
    // Tijuana: 1 November 2026, 02:00 becomes 01:00.
    const rule = { cron: '30 1 * * *', zone: 'America/Tijuana' };
    expect(slots(rule, '2026-11-01T00:00:00Z', 2)).toEqual(['2026-11-01T08:30:00.000Z', '2026-11-02T09:30:00.000Z']);
  });

  it('do not pause for an hour when a line runs every some minutes', () => {
    const rule = { cron: '*/20 * * * *', zone: 'America/Tijuana' };
    const found = slots(rule, '2026-11-01T07:59:00Z', 7).map((slot) => Date.parse(slot) / 60_000);
    expect(found.slice(1).map((minute, i) => minute - found[i]!)).toEqual([20, 20, 20, 20, 20, 20]);
  });

  it('are found again after a year of power-off without walking through all of it', () => {
    const before = performance.now();
    const missed = timetable({ everyMs: 120_000 }).last(at('2025-11-21T00:00:00Z'), at('2026-11-21T00:01:00Z'), 2);
    expect(missed.map((slot) => slot.toISOString())).toEqual(['2026-11-20T23:58:00.000Z', '2026-11-21T00:00:00.000Z']);
    expect(performance.now() - before).toBeLessThan(100);
  });

  it('count the slot that is due this very moment, and none from before the asked time', () => {
    const table = timetable({ cron: '0 7 * * *', zone: 'UTC' });
    const found = table.last(at('2026-11-20T07:00:00Z'), at('2026-11-21T07:00:00Z'), 10);
    expect(found.map((slot) => slot.toISOString())).toEqual(['2026-11-20T07:00:00.000Z', '2026-11-21T07:00:00.000Z']);
  });

  it.each([{ everyMs: 3_600_000 }, { cron: '0 * * * *', zone: 'UTC' }])('are counted with both ends: %j', (rule) => {
    const table = timetable(rule);
    expect(table.count(at('2026-11-20T07:00:00Z'), at('2026-11-20T09:00:00Z'))).toBe(3);
    expect(table.count(at('2026-11-20T07:00:01Z'), at('2026-11-20T08:59:59Z'))).toBe(1);
    expect(table.count(at('2016-01-01T00:00:00Z'), at('2026-11-20T08:59:59Z'))).toBe(10_000);
  });

  it('refuse a line or a zone that cannot be read', () => {
    expect(() => timetable({ cron: 'daily', zone: 'UTC' })).toThrow();
    expect(() => timetable({ cron: '0 7 * * *', zone: 'America/Atlantis' })).toThrow();
    expect(() => timetable({ everyMs: 10 })).toThrow(/least is 1s/);
  });
});
