import { describe, expect, it } from '@jest/globals';
import { catchUp } from './catch-up.ts';
import { timetable } from './timetable.ts';

const daily = timetable({ cron: '5 3 * * *', zone: 'UTC' });
const at = (text: string) => new Date(text);

function fired(due: string, now: string, policy: Parameters<typeof catchUp>[3]): string[] {
  return catchUp(daily, at(due), at(now), policy).slots.map(({ slot }) => slot.toISOString().slice(0, 16));
}

describe('slots that came while the house was off', () => {
  const due = '2026-11-18T03:05:00Z';
  const now = '2026-11-21T09:00:00Z';

  it('end in one run for the newest slot by default', () => {
    expect(fired(due, now, { missed: 'one', maxLateMs: null })).toEqual(['2026-11-21T03:05']);
  });

  it('end in each of them, oldest first, up to the number that is asked for', () => {
    const policy = { missed: { all: 3 }, maxLateMs: null };
    expect(fired(due, now, policy)).toEqual(['2026-11-19T03:05', '2026-11-20T03:05', '2026-11-21T03:05']);
  });

  it('end in none where they are to be skipped', () => {
    expect(fired(due, now, { missed: 'skip', maxLateMs: null })).toEqual([]);
  });

  it('are left out when they are later than the schedule allows', () => {
    expect(fired(due, now, { missed: { all: 9 }, maxLateMs: 36 * 3_600_000 })).toEqual([
      '2026-11-20T03:05',
      '2026-11-21T03:05',
    ]);
    expect(fired(due, now, { missed: 'one', maxLateMs: 3_600_000 })).toEqual([]);
  });

  it('are counted when they are given up', () => {
    expect(catchUp(daily, at(due), at(now), { missed: 'one', maxLateMs: null }).givenUp).toBe(3);
    expect(catchUp(daily, at(due), at(now), { missed: { all: 9 }, maxLateMs: null }).givenUp).toBe(0);
    expect(catchUp(daily, at(due), at(now), { missed: 'skip', maxLateMs: null }).givenUp).toBe(4);
  });

  it('never move the next slot, which follows from the rule alone', () => {
    const { next } = catchUp(daily, at(due), at(now), { missed: 'one', maxLateMs: null });
    expect(next?.toISOString()).toBe('2026-11-22T03:05:00.000Z');
  });
});

describe('a slot that is due now', () => {
  it.each(['one', 'skip'] as const)('runs at once under the policy %s, also some seconds late', (missed) => {
    const { slots } = catchUp(daily, at('2026-11-21T03:05:00Z'), at('2026-11-21T03:05:59Z'), {
      missed,
      maxLateMs: null,
    });
    expect(slots).toEqual([{ slot: at('2026-11-21T03:05:00Z'), late: false }]);
  });
});
