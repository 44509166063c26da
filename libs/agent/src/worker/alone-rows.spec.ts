import { beforeEach, describe, expect, it } from '@jest/globals';
import { TestClock } from '@nexora/testing';
import { AloneRows, type Occupant } from './alone-rows.ts';

let clock: TestClock;
/** What runs beside. */
let jobs: { kind: string; released: boolean }[];
/** How long each row runs that waits alone, ms. */
let waiting: number[];
let ran: number;
/** Times at which the others were told to go on. */
let wentOn: number[];
let rows: AloneRows;
beforeEach(() => {
  clock = new TestClock();
  [jobs, waiting, ran, wentOn] = [[], [], 0, []];
  const claim = async () => {
    const takesMs = waiting.shift();
    if (takesMs === undefined) return false;
    ran++;
    await clock.advance(takesMs);
    return true;
  };
  rows = new AloneRows({
    clock,
    roster: {
      get size() {
        return jobs.length;
      },
      all: (): readonly Occupant[] => jobs,
      whenEmpty: () => Promise.resolve(),
    },
    still: () => true,
    claim,
    goOn: () => wentOn.push(clock.monotonic()),
    signal: new AbortController().signal,
  });
});

const job = (kind: string) => ({ kind, released: false });
const start = (...kinds: string[]) => jobs.push(...kinds.map(job));
function end(kind: string): void {
  const at = jobs.findIndex((each) => each.kind === kind);
  jobs.splice(at, 1);
  rows.freed();
}
/** Lets so much time pass, in which the poll says each second that rows wait alone. */
async function pass(seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    await clock.advance(1_000);
    rows.wait();
    await rows.take();
  }
}
/** The drain that the poll asks for now fails. */
async function failToDrain(): Promise<void> {
  while (!rows.draining) await pass(1);
  await clock.advance(5_000);
}

describe('draining for rows that must run alone', () => {
  it('ends after five seconds when the others do not, who then go on', async () => {
    start('long');
    rows.wait();
    await clock.advance(4_999);
    expect([rows.draining, wentOn]).toEqual([true, []]);
    await clock.advance(1);
    expect([rows.draining, wentOn]).toEqual([false, [5_000]]);
  });

  it('does not end while such a row runs', async () => {
    waiting = [60_000];
    rows.wait();
    await rows.take();
    expect([ran, wentOn]).toEqual([1, [60_000]]);
  });

  it('is tried again at once when the last job is gone that outlasted it, before its slot is taken', async () => {
    start('long', 'long');
    rows.wait();
    await clock.advance(5_000);
    start('quick');
    end('quick');
    end('long');
    expect(rows.draining).toBe(false);
    jobs[0]!.released = true; // its handler has ended
    rows.freed();
    expect(rows.draining).toBe(true);
    waiting = [10];
    end('long');
    await rows.take();
    expect(ran).toBe(1);
  });

  it('waits a second longer for outcomes that are on their way when its time is over', async () => {
    start('long');
    rows.wait();
    await clock.advance(4_999);
    jobs[0]!.released = true;
    rows.freed();
    await clock.advance(1);
    expect([rows.draining, wentOn]).toEqual([true, []]);
    waiting = [10];
    end('long');
    await rows.take();
    expect(ran).toBe(1);
  });

  it('goes on when those outcomes do not arrive', async () => {
    start('long');
    jobs[0]!.released = true;
    rows.wait();
    await clock.advance(5_000);
    await clock.advance(1_000);
    expect([rows.draining, wentOn]).toEqual([false, [6_000]]);
  });

  it('is tried again after 2, 4, 8, 16 and at most 30 s when it brought nothing', async () => {
    const pauses: number[] = [];
    for (let i = 0; i < 7; i++) {
      const before = clock.monotonic();
      while (!rows.draining) {
        await clock.advance(500);
        rows.wait();
      }
      pauses.push((clock.monotonic() - before) / 1_000);
      await rows.take();
    }
    expect(pauses.slice(1)).toEqual([2, 4, 8, 16, 30, 30]);
    waiting = [10, 10];
    while (ran === 0) await pass(1);
    rows.wait();
    expect(rows.draining).toBe(true); // what brings rows is no reason for a pause
  });

  it('runs such rows one after another for a second, then lets the others go on', async () => {
    waiting = Array.from({ length: 50 }, () => 300);
    rows.wait();
    await rows.take();
    expect([ran, wentOn]).toEqual([4, [1_200]]);
  });
});

describe('a kind that always has some long job running', () => {
  it('is held back from the second vain drain on, for a while that doubles; the others are not', async () => {
    const heldMs: number[] = [];
    start('long');
    await failToDrain();
    expect(rows.holdsBack('long')).toBe(false);
    for (let i = 0; i < 5; i++) {
      await failToDrain();
      expect([rows.holdsBack('long'), rows.holdsBack('quick')]).toEqual([true, false]);
      const since = clock.monotonic();
      while (rows.holdsBack('long')) await clock.advance(500);
      heldMs.push(clock.monotonic() - since);
      expect(wentOn.at(-1)).toBe(clock.monotonic());
      rows.wait();
      expect(rows.draining).toBe(false); // it may work for a while before the next drain
    }
    expect(heldMs).toEqual([4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('makes room in the end, with four jobs of ten seconds at any time', async () => {
    start('long', 'long', 'long', 'long');
    const endsAt = [2_500, 5_000, 7_500, 10_000];
    waiting = [10];
    while (ran === 0 && clock.monotonic() < 120_000) {
      await clock.advance(500);
      const now = clock.monotonic();
      while (endsAt.length > 0 && (endsAt[0] ?? 0) <= now) {
        endsAt.shift();
        end('long');
      }
      if (now % 1_000 === 0) rows.wait();
      await rows.take();
      while (!rows.draining && !rows.holdsBack('long') && jobs.length < 4) {
        start('long');
        endsAt.push(now + 10_000);
      }
    }
    expect(ran).toBe(1);
  });

  it('claims again as soon as such a row came through', async () => {
    start('long');
    await failToDrain();
    await failToDrain();
    expect(rows.holdsBack('long')).toBe(true);
    waiting = [10];
    end('long');
    await rows.take();
    expect([ran, rows.holdsBack('long')]).toEqual([1, false]);
  });
});
