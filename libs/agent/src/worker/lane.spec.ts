import { describe, expect, it } from '@jest/globals';
import { Lane, LARGEST_CLAIM } from './lane.ts';

/** A claim that brings so many rows. */
function claim(lane: Lane, rows: number): number {
  const plan = lane.begin();
  if (plan === null) return 0;
  lane.claimed(plan, rows);
  return plan.max;
}

describe('the slots of one kind', () => {
  it('claim nothing without a reason, and as many rows as slots are free with one', () => {
    const lane = new Lane('k', 4);
    expect(lane.begin()).toBeNull();
    lane.want();
    expect(lane.begin()).toEqual({ max: 4, byRunAt: false });
  });

  it('have one claim under way at a time, and remember who asked meanwhile', () => {
    const lane = new Lane('k', 4);
    lane.want();
    const plan = lane.begin() ?? { max: 0, byRunAt: false };
    lane.want();
    expect(lane.begin()).toBeNull();
    lane.claimed(plan, 1);
    expect(lane.begin()?.max).toBe(3);
  });

  it('that were lost without a word are free again after a recount, and none is free twice', () => {
    const lane = new Lane('k', 2);
    lane.started();
    lane.started();
    lane.recount(1);
    expect(lane.free).toBe(1);
    lane.recount(2); // never takes a slot away
    expect(lane.free).toBe(1);
    lane.ended();
    lane.ended();
    expect(lane.free).toBe(2);
  });

  it('claim again at each slot that falls free while claims come back full, and stop at a short one', () => {
    const lane = new Lane('k', 2);
    lane.want();
    expect(claim(lane, 2)).toBe(2);
    expect(lane.begin()).toBeNull();
    lane.ended();
    expect(claim(lane, 1)).toBe(1);
    lane.ended();
    expect(claim(lane, 0)).toBe(1);
    expect(lane.begin()).toBeNull();
  });

  it('go by age alone at every eighth claim, so that low never starves', () => {
    const lane = new Lane('k', 1);
    const byAge: boolean[] = [];
    for (let i = 0; i < 16; i++) {
      lane.want();
      const plan = lane.begin();
      byAge.push(plan?.byRunAt ?? false);
      lane.claimed(plan ?? { max: 1, byRunAt: false }, 0);
    }
    expect(byAge.flatMap((is, i) => (is ? [i + 1] : []))).toEqual([8, 16]);
  });

  it('miss no turn of age when polls come between', () => {
    const lane = new Lane('k', 1);
    const byAge: boolean[] = [];
    for (let i = 0; i < 16; i++) {
      lane.claimed(lane.beginPoll() ?? { max: 1, byRunAt: false }, 0);
      lane.want();
      const plan = lane.begin();
      byAge.push(plan?.byRunAt ?? false);
      lane.claimed(plan ?? { max: 1, byRunAt: false }, 0);
    }
    expect(byAge.flatMap((is, i) => (is ? [i + 1] : []))).toEqual([8, 16]);
  });

  it('never claim more than a hundred rows in one statement', () => {
    expect(new Lane('k', 500).free).toBe(LARGEST_CLAIM);
  });

  it('claim nothing behind a closed gate, not even by the poll', () => {
    const lane = new Lane('k', 4);
    lane.setGate(false);
    lane.want();
    expect(lane.begin()).toBeNull();
    expect(lane.beginPoll()).toBeNull();
  });

  it('open one by one after the gate opened: 1, 2, 4 … as jobs go well', () => {
    const lane = new Lane('k', 8);
    lane.setGate(false);
    lane.setGate(true);
    const free = [lane.free];
    for (let i = 0; i < 7; i++) {
      lane.wentWell();
      free.push(lane.free);
    }
    expect(free).toEqual([1, 2, 2, 4, 4, 4, 4, 8]);
    lane.wentOffline();
    expect(lane.free).toBe(1);
  });

  it('keep their number when an open gate is told again', () => {
    const lane = new Lane('k', 8);
    lane.setGate(true);
    expect(lane.free).toBe(8);
  });

  it('take the next row while the word "done" is on its way, but hold no more than twice their number', () => {
    const lane = new Lane('k', 2);
    lane.want();
    claim(lane, 2);
    expect([lane.release(), lane.release(), lane.free]).toEqual([true, true, 2]);
    claim(lane, 2);
    expect(lane.release()).toBe(false);
    expect(lane.free).toBe(0);
    lane.ended(true);
    expect(lane.free).toBe(0);
    expect(lane.release()).toBe(true);
    expect(lane.free).toBe(1);
  });

  it('forget that there is more when a claim fails: the poll looks again', () => {
    const lane = new Lane('k', 2);
    lane.want();
    claim(lane, 2);
    lane.ended();
    lane.begin();
    lane.claimFailed();
    expect(lane.wantsNow).toBe(false);
    expect(lane.beginPoll()?.max).toBe(1);
  });
});
