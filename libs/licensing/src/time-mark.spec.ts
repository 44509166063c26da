import { describe, expect, it } from '@jest/globals';
import { DAY, HOUR, Machine, MINUTE, SECOND, START, YEAR } from './machine.conformance.ts';
import { higherMark, parseMark, raise, readTime, setRight, waitedSince, type ClockVerdict } from './time-mark.ts';

type Step = [does: string, (machine: Machine) => Machine, verdict: ClockVerdict, offOfCounted: number];
type Story = [name: string, ...Step[]];

/** A reply tells the time; a list that comes with it is dated two years later. */
function withFutureList(machine: Machine): Machine {
  const { mark } = machine.ask();
  machine.mark = raise(mark!, new Date(machine.trueTime + 2 * YEAR), new Date(machine.trueTime + 3 * YEAR));
  return machine;
}

/** The lines of ADR 0051: what is done, the verdict, and by how much the counted time then differs from the true one. */
const STORIES: Story[] = [
  [
    'a clock that goes right',
    ['first look, no document yet', (m) => m, 'ok', 0],
    ['a licence is installed', (m) => m.take(), 'ok', 0],
    ['three weeks pass', (m) => m.run(21 * DAY), 'ok', 0],
  ],
  [
    'set back two months, while running',
    ['right before', (m) => m.take().run(DAY), 'ok', 0],
    ['set back two months', (m) => m.clock(-61 * DAY), 'behind', 0],
    ['a week later it still is', (m) => m.run(7 * DAY), 'behind', 0],
    ['set right', (m) => m.clock(0), 'ok', 0],
  ],
  [
    'set back two months, across a restart of the machine',
    ['right before', (m) => m.take().run(DAY), 'ok', 0],
    ['found two months back after an hour off', (m) => m.off(HOUR, -61 * DAY), 'behind', -HOUR - MINUTE],
    ['boot time goes on from there', (m) => m.run(5 * DAY), 'behind', -HOUR - MINUTE],
    ['set right', (m) => m.clock(0), 'ok', 0],
  ],
  [
    'set back two months, across a restart of the agent and a restored database',
    [
      'a backup is made',
      (m) =>
        m
          .take()
          .backup()
          .run(9 * DAY),
      'ok',
      0,
    ],
    ['set back, database of nine days ago restored', (m) => m.clock(-61 * DAY).restore(), 'behind', 0],
    ['without the file too: boot time tells', (m) => m.restore({ fileToo: true }), 'behind', 0],
  ],
  [
    'set back under a day',
    ['right before', (m) => m.take().run(DAY), 'ok', 0],
    ['set back 4 minutes', (m) => m.clock(-4 * MINUTE), 'ok', 0],
    ['set back 2 hours: a note, and the signed time holds', (m) => m.clock(-2 * HOUR), 'note', 0],
    ['set back 23 hours', (m) => m.clock(-23 * HOUR), 'note', 0],
    ['set right', (m) => m.clock(0), 'ok', 0],
  ],
  [
    'set back in steps of under a day',
    ['right before', (m) => m.take().run(DAY), 'ok', 0],
    ['20 hours', (m) => m.clock(-20 * HOUR).run(HOUR), 'note', 0],
    ['40 hours', (m) => m.clock(-40 * HOUR).run(HOUR), 'behind', 0],
  ],
  [
    'set back under a day, with an old licence',
    ['a licence of 20 days ago', (m) => m.take(START - 20 * DAY, 30 * DAY), 'ok', 0],
    ['set back 2 hours', (m) => m.clock(-2 * HOUR), 'note', -2 * HOUR],
    ['set back 5 days: reported, and it may be right now', (m) => m.clock(-5 * DAY), 'behind', -5 * DAY],
    ['set back two months: before what is signed', (m) => m.clock(-61 * DAY), 'behind', 0],
    ['set right', (m) => m.clock(0), 'ok', 0],
  ],
  [
    'set ahead two years and back, while running',
    ['right before', (m) => m.take().run(DAY), 'ok', 0],
    ['set ahead two years', (m) => m.clock(2 * YEAR), 'ahead', 0],
    ['a week later it still is', (m) => m.run(7 * DAY), 'ahead', 0],
    ['set back again', (m) => m.clock(0), 'ok', 0],
  ],
  [
    'set back two months, then ahead two years, then right',
    ['right before', (m) => m.take().run(DAY), 'ok', 0],
    ['set back', (m) => m.clock(-61 * DAY).run(HOUR), 'behind', 0],
    ['set ahead', (m) => m.clock(2 * YEAR).run(HOUR), 'ahead', 0],
    ['set right', (m) => m.clock(0), 'ok', 0],
  ],
  [
    'set ahead two years while running, then a restart, then back',
    [
      'set ahead two years',
      (m) =>
        m
          .take()
          .run(DAY)
          .clock(2 * YEAR),
      'ahead',
      0,
    ],
    ['after a night off it is known to be ahead', (m) => m.off(14 * HOUR), 'ahead', 0],
    ['two days later', (m) => m.run(2 * DAY), 'ahead', 0],
    ['set right', (m) => m.clock(0), 'ok', 0],
  ],
  [
    'set ahead two years while running, then a restart at once, with a board whose clock lags',
    [
      'set ahead two years',
      (m) =>
        m
          .take()
          .run(DAY)
          .clock(2 * YEAR),
      'ahead',
      0,
    ],
    ['found two minutes less ahead', (m) => m.off(0, 2 * YEAR - 2 * MINUTE), 'ahead', -MINUTE],
  ],
  [
    'set ahead two years while running, set right while off',
    [
      'set ahead two years',
      (m) =>
        m
          .take()
          .run(DAY)
          .clock(2 * YEAR),
      'ahead',
      0,
    ],
    ['after a week off it is right', (m) => m.off(7 * DAY, 0), 'ok', 0],
  ],
  [
    'set ahead and set right while running, then a week powered off',
    [
      'set ahead 30 hours',
      (m) =>
        m
          .take()
          .run(DAY)
          .clock(30 * HOUR),
      'ahead',
      0,
    ],
    ['set right: nothing is known against it any more', (m) => m.clock(0), 'ok', 0],
    ['a week later', (m) => m.off(7 * DAY), 'ok', 0],
  ],
  [
    'told by the portal that the clock is ahead, then a restart before the next look',
    [
      'found two years ahead, told at once, restarted',
      (m) =>
        m
          .take()
          .off(HOUR, 2 * YEAR)
          .ask()
          .off(HOUR),
      'ahead',
      0,
    ],
  ],
  [
    'set ahead two years while off: nobody knows how long that was',
    ['right before', (m) => m.take().run(DAY), 'ok', 0],
    ['found two years ahead: counts, provisionally', (m) => m.off(HOUR, 2 * YEAR), 'ok', 2 * YEAR],
    ['set right: falls away', (m) => m.clock(0), 'ok', 0],
    ['and leaves nothing behind over a restart', (m) => m.off(14 * HOUR), 'ok', 0],
  ],
  [
    'set ahead two years while off, across a restored database and another restart',
    ['right before', (m) => m.take().run(DAY).backup(), 'ok', 0],
    ['found two years ahead', (m) => m.off(HOUR, 2 * YEAR), 'ok', 2 * YEAR],
    ['database of before restored', (m) => m.restore(), 'ok', 2 * YEAR],
    ['set right over another restart', (m) => m.off(HOUR, 0), 'ok', 0],
    ['set ahead as far again: by then a jump', (m) => m.clock(2 * YEAR), 'ahead', 0],
    ['set right again', (m) => m.clock(0), 'ok', 0],
    ['database of when it was wrong restored', (m) => m.run(DAY).restore(), 'ok', 0],
  ],
  [
    'two years ahead, and a signed time',
    ['found two years ahead', (m) => m.take().off(HOUR, 2 * YEAR), 'ok', 2 * YEAR],
    ['the portal tells the time: downwards too', (m) => m.ask(), 'ahead', 0],
    ['and it holds over a restart', (m) => m.off(14 * HOUR), 'ahead', 0],
  ],
  [
    'the portal itself says a wrong year',
    ['two years ahead', (m) => m.take().ask(2 * YEAR), 'behind', 2 * YEAR],
    ['a backup is made of that, the portal is right again', (m) => m.backup().ask(), 'ok', 0],
    ['that backup is restored: the later correction wins', (m) => m.restore(), 'ok', 0],
    [
      'restored without the file, it is wrong until the next reply',
      (m) => m.restore({ fileToo: true }),
      'behind',
      2 * YEAR,
    ],
    ['the next reply', (m) => m.ask(), 'ok', 0],
  ],
  [
    'a list dated two years ahead by the vendor',
    ['raises the mark', (m) => m.take().take(START + 2 * YEAR), 'behind', 2 * YEAR],
    ['until the next reply', (m) => m.ask(), 'ok', 0],
  ],
  [
    'a list dated two years ahead, in the same cycle as a reply',
    ['is not believed', (m) => withFutureList(m.take().run(DAY)), 'ok', 0],
    ['and the clock stays as it was told', (m) => m.run(DAY), 'ok', 0],
  ],
  [
    'an empty battery: the clock begins in the year 2000 at each start',
    ['right before', (m) => m.take().run(10 * DAY), 'ok', 0],
    ['2000 after a night off: the mark rules', (m) => m.off(14 * HOUR, -26 * YEAR), 'behind', -14 * HOUR - MINUTE],
    ['boot time goes on', (m) => m.run(8 * HOUR), 'behind', -14 * HOUR - MINUTE],
    ['2000 again, another night', (m) => m.off(14 * HOUR, -26 * YEAR - 2 * DAY), 'behind', -28 * HOUR - 2 * MINUTE],
    ['the network sets it right: no jump ahead', (m) => m.clock(0), 'ok', 0],
  ],
  [
    'an empty battery and a week off',
    ['right before', (m) => m.take().run(DAY), 'ok', 0],
    ['2000 after a week off', (m) => m.off(7 * DAY, -26 * YEAR), 'behind', -7 * DAY - MINUTE],
    ['set right later in the same boot', (m) => m.run(HOUR).clock(0), 'ok', 0],
    ['a jump from then on is one', (m) => m.run(HOUR).clock(3 * DAY), 'ahead', 0],
  ],
  [
    'a first start with an empty battery',
    ['2000', (m) => m.clock(-26 * YEAR), 'ok', -26 * YEAR],
    ['the portal tells the time', (m) => m.ask(), 'behind', 0],
    ['the clock is set', (m) => m.clock(0), 'ok', 0],
  ],
  [
    'a week powered off',
    ['right before', (m) => m.take().run(DAY), 'ok', 0],
    ['a week later', (m) => m.off(7 * DAY), 'ok', 0],
    ['a restart', (m) => m.off(HOUR), 'ok', 0],
  ],
  [
    'off every night for three weeks',
    ...Array.from({ length: 21 }, (_, day): Step => {
      return [`day ${String(day)}`, (m) => (day === 0 ? m.take() : m).run(10 * HOUR).off(14 * HOUR), 'ok', 0];
    }),
    ['then set back two months', (m) => m.clock(-61 * DAY), 'behind', 0],
  ],
  [
    'suspended for a week',
    ['right before', (m) => m.take().run(DAY), 'ok', 0],
    ['boot time counts it', (m) => m.run(7 * DAY), 'ok', 0],
  ],
  [
    'set ahead under a day',
    ['right before', (m) => m.take().run(DAY), 'ok', 0],
    ['3 hours: a note, it counts', (m) => m.clock(3 * HOUR), 'note', 3 * HOUR],
    ['23 hours, without building on those 3', (m) => m.clock(23 * HOUR), 'note', 23 * HOUR],
    ['46 hours', (m) => m.clock(46 * HOUR), 'ahead', 0],
    ['set right', (m) => m.clock(0), 'ok', 0],
  ],
  [
    'a reply that was brought by hand days later',
    ['asked and answered, installed three days later', (m) => m.take().ask(0, 3 * DAY), 'ok', 0],
    ['with a clock that is two years ahead', (m) => m.off(HOUR, 2 * YEAR).ask(0, 3 * DAY), 'ahead', 0],
  ],
];

describe('the time that judgments use (ADR 0051)', () => {
  it.each(STORIES)('%s', (_name, ...steps) => {
    const machine = new Machine();
    for (const [does, step, verdict, off] of steps) {
      const { time, ...read } = step(machine).look();
      expect({ does, verdict: read.verdict, off: (time.getTime() - machine.trueTime) / SECOND }).toEqual({
        does,
        verdict,
        off: off / SECOND,
      });
    }
  });

  it('says by how much the wall clock is off', () => {
    const machine = new Machine().take().run(DAY);
    expect(machine.clock(-2 * HOUR).look().offBySeconds).toBe(-7200);
    expect(machine.clock(-61 * DAY).look().offBySeconds).toBe(-61 * 86_400);
    expect(machine.clock(2 * YEAR).look().offBySeconds).toBe((2 * YEAR) / SECOND);
    expect(machine.off(HOUR).look().offBySeconds).toBe((2 * YEAR) / SECOND);
    expect(machine.clock(0).look().offBySeconds).toBe(0);
  });

  it('does not add the uptime of two machines on one database at each turn', () => {
    const month = 30 * DAY;
    let mark = new Machine().take().mark;
    for (let hour = 1; hour <= 48; hour += 1) {
      const wall = START + hour * HOUR;
      const read = readTime(mark, { wall, bootId: hour % 2 === 0 ? 'one' : 'two', bootMs: month + hour * HOUR });
      expect([read.verdict, read.time.getTime()]).toEqual(['ok', wall]);
      mark = read.mark;
    }
  });

  it('goes on when a reading of before arrives after one of later', () => {
    const machine = new Machine().take();
    const early = machine.reading();
    const late = machine.run(MINUTE).look();
    const read = readTime(late.mark, early);
    expect(read.verdict).toBe('ok');
    expect(read.mark.certain).toBe(late.mark.certain);
    expect(read.mark.bootMs).toBe(late.mark.bootMs);
  });
});

describe('a mark that is kept in two places', () => {
  const machine = new Machine().take().backup();
  const early = machine.look().mark;
  const late = machine.run(9 * DAY).look().mark;

  it('is the higher of both, and of one when the other was lost', () => {
    expect(higherMark(early, late)).toBe(late);
    expect(higherMark(late, early)).toBe(late);
    expect(higherMark(null, early)).toBe(early);
    expect(higherMark(early, null)).toBe(early);
    expect(higherMark(null, null)).toBeNull();
  });

  it('is the one that was set right more often, even when that lowered it', () => {
    const wrong = setRight(late, new Date(START + YEAR), machine.reading());
    const right = setRight(wrong, new Date(machine.trueTime), machine.reading());
    expect(higherMark(wrong, right)).toBe(right);
    expect(higherMark(right, wrong)).toBe(right);
  });

  it('compares marks of one boot at the same boot time', () => {
    const raised = { ...early, certain: early.certain! + DAY, high: early.high! + DAY };
    expect(higherMark(raised, late)).toBe(raised);
  });

  it('survives being written as JSON, and counts as lost when it is spoilt', () => {
    expect(parseMark(JSON.parse(JSON.stringify(late)))).toEqual(late);
    const noCounts = [2 ** 53 - 1, 2 ** 53, -1, 0.5].map((setRight) => ({ ...late, setRight }));
    for (const spoilt of [null, 7, [], {}, { ...late, counted: 'now' }, { ...late, certain: 1e300 }, ...noCounts]) {
      expect(parseMark(spoilt)).toBeNull();
    }
  });
});

describe('how old an answer may be', () => {
  it('is told by boot time within a boot, whatever the wall clock does', () => {
    const machine = new Machine().take();
    const asked = machine.look().mark;
    expect(
      waitedSince(
        asked,
        machine
          .run(HOUR)
          .clock(5 * HOUR)
          .look().mark,
      ),
    ).toBe(HOUR);
  });

  it('is told by what was counted across a restart, and is never negative', () => {
    const machine = new Machine().take();
    const asked = machine.look().mark;
    expect(waitedSince(asked, machine.off(DAY).look().mark)).toBe(DAY + MINUTE);
    expect(waitedSince({ ...asked, counted: asked.counted + YEAR }, machine.mark!)).toBe(0);
  });
});
